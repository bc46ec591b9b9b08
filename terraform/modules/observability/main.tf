# Made before the functions, which may write to a log group and not make one.
resource "aws_cloudwatch_log_group" "function" {
  # checkov:skip=CKV_AWS_158: CloudWatch encrypts with a key of its own; no token, address or body is logged.
  # checkov:skip=CKV_AWS_338: log_days says how long; what must be kept is in the stores.

  for_each = var.function_names

  name              = "/aws/lambda/${each.key}"
  retention_in_days = var.retention_days
}

# Who called which API when, and how it ended: no header, no body, no address of a mailbox.
resource "aws_cloudwatch_log_group" "access" {
  # checkov:skip=CKV_AWS_158: CloudWatch encrypts with a key of its own; no token, address or body is logged.
  # checkov:skip=CKV_AWS_338: log_days says how long; what must be kept is in the stores.

  for_each = var.apis

  name              = "/aws/apigateway/${each.value}"
  retention_in_days = var.retention_days
}

# One for all APIs of an account and region.
resource "aws_api_gateway_account" "this" {
  cloudwatch_role_arn = aws_iam_role.api_gateway.arn
}

resource "aws_iam_role" "api_gateway" {
  name               = "${var.name}-api-gateway-logs"
  assume_role_policy = data.aws_iam_policy_document.api_gateway_trust.json
}

data "aws_iam_policy_document" "api_gateway_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["apigateway.amazonaws.com"]
    }
  }
}

# API Gateway refuses a role without exactly this policy of AWS.
resource "aws_iam_role_policy_attachment" "api_gateway" {
  role       = aws_iam_role.api_gateway.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}

locals {
  runbooks = "docs/runbooks"

  # The namespace of what the functions themselves tell, in lines of their logs: common/ports/metrics.py has the names.
  shop = "Shop"

  without_order     = "PaymentsWithoutOrder"
  judge_of_payments = one([for function in var.function_names : function if can(regex("^order-[a-z]+-on_payment$", function))])

  # One alarm for each queue, function and API, of a kind whose runbook says what to look at and do.
  dead_letters = {
    for service, queue in var.dead_letter_queue_names : "dead-letters-${service}" => {
      runbook   = "dead-letters.md"
      says      = "Messages of the ${service} service failed five times and wait for somebody"
      namespace = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", dimensions = { QueueName = queue }
      statistic = "Maximum", above = 0, minutes = 1, times = 1
    }
  }
  late_messages = {
    for service, queue in var.queue_names : "late-messages-${service}" => {
      runbook   = "late-messages.md"
      says      = "A message has waited for the ${service} service for more than five minutes"
      namespace = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", dimensions = { QueueName = queue }
      statistic = "Maximum", above = 300, minutes = 1, times = 3
    }
  }
  failing_functions = {
    for function in var.function_names : "failing-${function}" => {
      runbook   = "failing-function.md"
      says      = "${function} fails again and again"
      namespace = "AWS/Lambda", metric = "Errors", dimensions = { FunctionName = function }
      statistic = "Sum", above = 2, minutes = 5, times = 1
    }
  }
  failing_apis = {
    for service, api in var.apis : "server-errors-${service}" => {
      runbook   = "server-errors.md"
      says      = "More than one in a hundred requests to the ${service} service end in a server error"
      namespace = "AWS/ApiGateway", metric = "5XXError", dimensions = { ApiName = api }
      statistic = "Average", above = 0.01, minutes = 5, times = 2
    }
  }
  others = {
    outbox-lag = {
      runbook   = "outbox-lag.md"
      says      = "Messages about payments have waited for more than five minutes to be published"
      namespace = local.shop, metric = "OutboxLag", dimensions = { Stage = var.stage }
      statistic = "Maximum", above = 300, minutes = 1, times = 3
    }
    throttled-functions = {
      runbook   = "throttled-functions.md"
      says      = "Functions are asked for more often than the account may run them"
      namespace = "AWS/Lambda", metric = "Throttles", dimensions = {}
      statistic = "Sum", above = 0, minutes = 5, times = 2
    }
    postgres-busy = {
      runbook   = "postgres-busy.md"
      says      = "The Postgres server has been busy for a quarter of an hour"
      namespace = "AWS/RDS", metric = "CPUUtilization", dimensions = { DBInstanceIdentifier = var.server_identifier }
      statistic = "Average", above = 80, minutes = 5, times = 3
    }
    catalog-busy = {
      runbook   = "catalog-busy.md"
      says      = "The DocumentDB cluster has been busy for a quarter of an hour"
      namespace = "AWS/DocDB", metric = "CPUUtilization", dimensions = { DBClusterIdentifier = var.catalog_identifier }
      statistic = "Average", above = 80, minutes = 5, times = 3
    }
    payments-without-order = {
      runbook   = "payments-without-order.md"
      says      = "A payment names an order that does not exist"
      namespace = var.name, metric = local.without_order, dimensions = {}
      statistic = "Sum", above = 0, minutes = 5, times = 1
    }
    mail-bounces = {
      runbook   = "mail-bounces.md"
      says      = "More than two in a hundred mails come back; at five SES puts the account under review"
      namespace = "AWS/SES", metric = "Reputation.BounceRate", dimensions = {}
      statistic = "Average", above = 0.02, minutes = 60, times = 1
    }
  }

  alarms = merge(local.dead_letters, local.late_messages, local.failing_functions, local.failing_apis, local.others)
}

# No metric of AWS's own tells of it: the order service logs it, in these words.
resource "aws_cloudwatch_log_metric_filter" "payments_without_order" {
  name           = "${var.name}-payments-without-order"
  log_group_name = aws_cloudwatch_log_group.function[local.judge_of_payments].name
  pattern        = "{ $.message = \"A payment names an order that does not exist\" }"

  metric_transformation {
    namespace = var.name
    name      = local.without_order
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.says}. What to do: ${local.runbooks}/${each.value.runbook}"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  period              = each.value.minutes * 60
  evaluation_periods  = each.value.times
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarms_topic_arn]
  ok_actions          = [var.alarms_topic_arn]
}

# Here the missing of data is the news: the disk reports every minute.
resource "aws_cloudwatch_metric_alarm" "postgres_disk" {
  alarm_name          = "${var.name}-postgres-disk"
  alarm_description   = "The Postgres server has less than 4 GB left. What to do: ${local.runbooks}/postgres-disk.md"
  namespace           = "AWS/RDS"
  metric_name         = "FreeStorageSpace"
  dimensions          = { DBInstanceIdentifier = var.server_identifier }
  statistic           = "Minimum"
  comparison_operator = "LessThanThreshold"
  threshold           = 4 * 1024 * 1024 * 1024
  period              = 300
  evaluation_periods  = 2
  treat_missing_data  = "breaching"
  alarm_actions       = [var.alarms_topic_arn]
  ok_actions          = [var.alarms_topic_arn]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = [
      for index, chart in local.charts : {
        type   = "metric"
        x      = 12 * (index % 2)
        y      = 6 * floor(index / 2)
        width  = 12
        height = 6
        properties = {
          title   = chart.title
          region  = var.region
          view    = "timeSeries"
          period  = 60
          stat    = chart.statistic
          metrics = chart.metrics
        }
      }
    ]
  })
}

locals {
  charts = [
    {
      title     = "Orders and refunds"
      statistic = "Sum"
      metrics = [
        for metric in ["OrdersPlaced", "OrdersPaid", "OrdersRefused", "PaymentsRefunded"] : [local.shop, metric, "Stage", var.stage]
      ]
    },
    {
      title     = "Products of which there was too little"
      statistic = "Sum"
      metrics   = [[local.shop, "StockMisses", "Stage", var.stage]]
    },
    {
      title     = "Oldest message to be published, in seconds"
      statistic = "Maximum"
      metrics   = [[local.shop, "OutboxLag", "Stage", var.stage]]
    },
    {
      title     = "Requests"
      statistic = "Sum"
      metrics   = [for service in sort(keys(var.apis)) : ["AWS/ApiGateway", "Count", "ApiName", var.apis[service]]]
    },
    {
      title     = "How long they take, 99 of 100"
      statistic = "p99"
      metrics   = [for service in sort(keys(var.apis)) : ["AWS/ApiGateway", "Latency", "ApiName", var.apis[service]]]
    },
    {
      title     = "Failed calls of functions"
      statistic = "Sum"
      metrics   = [for function in sort(var.function_names) : ["AWS/Lambda", "Errors", "FunctionName", function]]
    },
    {
      title     = "Oldest message of each queue, in seconds"
      statistic = "Maximum"
      metrics   = [for service in sort(keys(var.queue_names)) : ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", var.queue_names[service]]]
    },
    {
      title     = "Dead letters"
      statistic = "Maximum"
      metrics   = [for service in sort(keys(var.dead_letter_queue_names)) : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", var.dead_letter_queue_names[service]]]
    },
    {
      title     = "How busy the stores are, in percent"
      statistic = "Average"
      metrics = [
        ["AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", var.server_identifier],
        ["AWS/DocDB", "CPUUtilization", "DBClusterIdentifier", var.catalog_identifier],
      ]
    },
  ]
}
