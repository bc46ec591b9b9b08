mock_provider "aws" {
  source = "./tests/aws"
}

run "messaging" {
  command = apply

  module {
    source = "./modules/messaging"
  }

  variables {
    account_id = "111122223333"
    consumers  = ["inventory", "invoice", "order"]
  }

  assert {
    condition     = alltrue([for service, queue in aws_sqs_queue.payments : jsondecode(queue.redrive_policy).deadLetterTargetArn == aws_sqs_queue.dead_letters[service].arn && jsondecode(queue.redrive_policy).maxReceiveCount == 5])
    error_message = "After five tries a message waits in its queue's own dead-letter queue."
  }

  assert {
    condition     = alltrue([for queue in concat(values(aws_sqs_queue.payments), values(aws_sqs_queue.dead_letters)) : queue.sqs_managed_sse_enabled && queue.message_retention_seconds == 1209600])
    error_message = "Queues are encrypted, and keep their messages for fourteen days."
  }

  assert {
    condition     = alltrue([for queue in aws_sqs_queue.payments : queue.visibility_timeout_seconds >= 180])
    error_message = "A message does not come again while it may still be handled."
  }

  assert {
    condition     = alltrue([for policy in data.aws_iam_policy_document.may_send : alltrue([for statement in policy.statement : toset(statement.actions) == toset(["sqs:SendMessage"]) && one(statement.condition).variable == "aws:SourceArn" && one(statement.condition).values == tolist([aws_sns_topic.payments.arn])])])
    error_message = "The topic alone may send to a queue."
  }

  assert {
    condition     = alltrue([for subscription in aws_sns_topic_subscription.payments : subscription.raw_message_delivery && subscription.protocol == "sqs"])
    error_message = "Each queue gets the event as it was published."
  }

  assert {
    condition     = alltrue([for topic in [aws_sns_topic.payments, aws_sns_topic.mail_events, aws_sns_topic.alarms] : topic.kms_master_key_id != null])
    error_message = "Topics are encrypted."
  }
}

run "mail" {
  command = apply

  module {
    source = "./modules/mail"
  }

  variables {
    sender           = "orders@shop.example"
    events_topic_arn = "arn:aws:sns:us-east-1:111122223333:mail-events"
  }

  assert {
    condition     = output.identity == "orders@shop.example"
    error_message = "Without a zone the address alone is verified."
  }

  assert {
    condition     = toset([for topic in aws_ses_identity_notification_topic.this : topic.notification_type if topic.include_original_headers]) == toset(["Bounce", "Complaint"])
    error_message = "Bounces and complaints come with the header that names the order."
  }
}

run "identity" {
  command = apply

  module {
    source = "./modules/identity"
  }

  variables {
    region    = "us-east-1"
    protected = true
  }

  assert {
    condition     = !aws_cognito_user_pool_client.this.generate_secret && toset(aws_cognito_user_pool_client.this.explicit_auth_flows) == toset(["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"])
    error_message = "The client has no secret, and sends no password."
  }

  assert {
    condition     = aws_cognito_user_pool.this.deletion_protection == "ACTIVE" && aws_cognito_user_pool.this.password_policy[0].minimum_length >= 12
    error_message = "The pool is not deleted by mistake, and asks for long passwords."
  }

  assert {
    condition     = aws_cognito_user_group.operators.name == "operators" && length(aws_cognito_user_pool_domain.this) == 0
    error_message = "There are operators, and no sign-in pages where nobody asked for them."
  }
}
