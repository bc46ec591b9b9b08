output "log_groups" {
  description = "The functions' log groups; functions wait for them."
  value       = sort([for group in aws_cloudwatch_log_group.function : group.name])
}

output "alarms" {
  description = "The names of all alarms."
  value       = sort(concat([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name], [aws_cloudwatch_metric_alarm.postgres_disk.alarm_name]))
}

output "access_log_arns" {
  description = "The log group of each API's requests, by service."
  value       = { for service, group in aws_cloudwatch_log_group.access : service => group.arn }

  depends_on = [aws_api_gateway_account.this, aws_iam_role_policy_attachment.api_gateway]
}
