locals {
  fourteen_days = 14 * 24 * 3600
}

# SES and CloudWatch may not use the key that AWS keeps for SNS: their topics have one that names them.
resource "aws_kms_key" "topics" {
  description             = "Encrypts what SES and CloudWatch tell the shop"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.topics_key.json
}

data "aws_iam_policy_document" "topics_key" {
  # checkov:skip=CKV_AWS_109: the policy of a key must let the account decide, or nobody could change it.
  # checkov:skip=CKV_AWS_111: the policy of a key must let the account decide, or nobody could change it.
  # checkov:skip=CKV_AWS_356: in the policy of a key, * is the key itself.

  # In the policy of a key, * is the key itself: there is no other way to name it.
  statement {
    sid       = "TheAccountDecides"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.account_id}:root"]
    }
  }

  statement {
    sid       = "SesAndCloudWatchPublish"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com", "ses.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_sns_topic" "payments" {
  name              = "cdc-payment-created"
  kms_master_key_id = "alias/aws/sns"

  # A trace goes on behind the topic: SNS hands its header on to the queues, and they to the functions.
  tracing_config = "Active"
}

resource "aws_xray_resource_policy" "topics" {
  policy_name     = "cdc-payment-created"
  policy_document = data.aws_iam_policy_document.topics_traces.json
}

data "aws_iam_policy_document" "topics_traces" {
  # checkov:skip=CKV_AWS_111: X-Ray has nothing that could be named, and the condition names the topic.
  # checkov:skip=CKV_AWS_356: X-Ray has nothing that could be named, and the condition names the topic.

  statement {
    sid       = "TheTopicTellsItsTraces"
    actions   = ["xray:PutTraceSegments", "xray:GetSamplingRules", "xray:GetSamplingTargets"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_sns_topic.payments.arn]
    }
  }
}

resource "aws_sns_topic" "mail_events" {
  name              = "mail-events"
  kms_master_key_id = aws_kms_key.topics.arn
}

resource "aws_sns_topic_policy" "mail_events" {
  arn    = aws_sns_topic.mail_events.arn
  policy = data.aws_iam_policy_document.mail_events.json
}

data "aws_iam_policy_document" "mail_events" {
  statement {
    sid       = "SesTellsOfBounces"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.mail_events.arn]

    principals {
      type        = "Service"
      identifiers = ["ses.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_sns_topic" "alarms" {
  name              = "shop-alarms"
  kms_master_key_id = aws_kms_key.topics.arn
}

resource "aws_sns_topic_policy" "alarms" {
  arn    = aws_sns_topic.alarms.arn
  policy = data.aws_iam_policy_document.alarms.json
}

data "aws_iam_policy_document" "alarms" {
  statement {
    sid       = "CloudWatchRaisesAlarms"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_sqs_queue" "payments" {
  for_each = var.consumers

  name                       = "${each.key}-payments"
  visibility_timeout_seconds = var.visibility_seconds
  message_retention_seconds  = local.fourteen_days
  sqs_managed_sse_enabled    = true

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters[each.key].arn
    maxReceiveCount     = var.max_receive_count
  })
}

resource "aws_sqs_queue" "dead_letters" {
  for_each = var.consumers

  name                      = "${each.key}-payments-dead-letters"
  message_retention_seconds = local.fourteen_days
  sqs_managed_sse_enabled   = true
}

# Only the queue whose messages these are may put messages here.
resource "aws_sqs_queue_redrive_allow_policy" "dead_letters" {
  for_each = var.consumers

  queue_url = aws_sqs_queue.dead_letters[each.key].id

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.payments[each.key].arn]
  })
}

data "aws_iam_policy_document" "may_send" {
  for_each = var.consumers

  statement {
    sid       = "TheTopicSends"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.payments[each.key].arn]

    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_sns_topic.payments.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "payments" {
  for_each = var.consumers

  queue_url = aws_sqs_queue.payments[each.key].id
  policy    = data.aws_iam_policy_document.may_send[each.key].json
}

resource "aws_sns_topic_subscription" "payments" {
  for_each = var.consumers

  topic_arn = aws_sns_topic.payments.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.payments[each.key].arn

  # The queue holds the event as it was published, without SNS's envelope around it.
  raw_message_delivery = true

  depends_on = [aws_sqs_queue_policy.payments]
}
