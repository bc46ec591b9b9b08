output "payment_topic_arn" {
  description = "The ARN of the topic cdc-payment-created."
  value       = aws_sns_topic.payments.arn
}

output "mail_events_topic_arn" {
  description = "The ARN of the topic that SES tells bounces."
  value       = aws_sns_topic.mail_events.arn
}

output "mail_events_topic_name" {
  description = "Its name, by which the notification service subscribes."
  value       = aws_sns_topic.mail_events.name
}

output "alarms_topic_arn" {
  description = "The ARN of the topic that alarms are raised on."
  value       = aws_sns_topic.alarms.arn
}

output "queue_names" {
  description = "The name of each consumer's queue, by service."
  value       = { for service, queue in aws_sqs_queue.payments : service => queue.name }
}

output "dead_letter_queue_names" {
  description = "The name of each consumer's dead-letter queue, by service."
  value       = { for service, queue in aws_sqs_queue.dead_letters : service => queue.name }
}
