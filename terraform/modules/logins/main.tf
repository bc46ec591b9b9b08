locals {
  function = "${var.name}-logins"
  event    = jsonencode({ postgres = merge(var.postgres, { region = var.region }), catalog = var.catalog, rotation = var.rotation })

  # Of the users that log in at the proxy: each service's own, and the owner of its tables.
  secret_arns = concat(
    [for service in sort(keys(var.postgres.logins)) : var.postgres.logins[service]],
    [for service in sort(keys(var.postgres.owners)) : var.postgres.owners[service]],
  )
  users = concat(sort(keys(var.postgres.logins)), [for service in sort(keys(var.postgres.owners)) : "${service}_owner"])
}

resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_158: CloudWatch encrypts with a key of its own; no password is logged.
  # checkov:skip=CKV_AWS_338: log_days says how long; nothing in it is older than the stores themselves.

  name              = "/aws/lambda/${local.function}"
  retention_in_days = var.retention_days
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  name               = local.function
  description        = "What ${local.function} may do"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "this" {
  # checkov:skip=CKV_AWS_111: Lambda takes the permissions for network interfaces on * only.
  # checkov:skip=CKV_AWS_356: Lambda takes the permissions for network interfaces on * only.

  statement {
    sid       = "WriteItsLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:aws:logs:${var.region}:${var.account_id}:log-group:/aws/lambda/${local.function}:*"]
  }

  statement {
    sid       = "ReadTheLoginsOfTheServers"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [var.postgres.master_secret, var.catalog.master_secret]
  }

  statement {
    sid       = "ReadAndWriteTheLogins"
    actions   = ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"]
    resources = concat(local.secret_arns, [var.catalog.login, var.catalog.owner])
  }

  statement {
    sid       = "TryTheLogins"
    actions   = ["rds-db:connect"]
    resources = [for user in local.users : "arn:aws:rds-db:${var.region}:${var.account_id}:dbuser:${var.postgres.proxy_id}/${user}"]
  }

  # Lambda takes these on * only: the interfaces have no name yet when it asks for them.
  statement {
    sid = "JoinTheNetwork"
    actions = [
      "ec2:AssignPrivateIpAddresses",
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets",
      "ec2:UnassignPrivateIpAddresses",
    ]
    resources = ["*"]
  }

  # And the function's own code may not: as LeaveTheNetworkToLambda in policies/statements.json.
  statement {
    sid    = "LeaveTheNetworkToLambda"
    effect = "Deny"
    actions = [
      "ec2:AssignPrivateIpAddresses",
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets",
      "ec2:DetachNetworkInterface",
      "ec2:UnassignPrivateIpAddresses",
    ]
    resources = ["*"]

    condition {
      test     = "ArnEquals"
      variable = "lambda:SourceFunctionArn"
      values   = ["arn:aws:lambda:${var.region}:${var.account_id}:function:${local.function}"]
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "logins"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}

resource "aws_lambda_function" "this" {
  # checkov:skip=CKV_AWS_50: it runs once a deployment, and its log says what it did.
  # checkov:skip=CKV_AWS_115: Terraform alone calls it, once a deployment.
  # checkov:skip=CKV_AWS_116: Terraform waits for its answer: nothing is lost.
  # checkov:skip=CKV_AWS_272: the package is built from this commit, and its hash is in the plan.

  function_name    = local.function
  description      = "Makes the databases of the services, their users and passwords"
  filename         = "${var.package}/deployment.zip"
  source_code_hash = filebase64sha256("${var.package}/deployment.zip")
  handler          = "logins.handler"
  runtime          = jsondecode(file("${var.package}/built.json")).runtime
  role             = aws_iam_role.this.arn
  memory_size      = 256
  timeout          = 300

  vpc_config {
    subnet_ids         = var.subnet_ids
    security_group_ids = [var.security_group_id]
  }

  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.this]
}

resource "aws_lambda_invocation" "this" {
  function_name = aws_lambda_function.this.function_name
  input         = local.event

  # Again where the stores, the function or the rotation are others.
  triggers = {
    event = sha256(local.event)
    code  = aws_lambda_function.this.source_code_hash
  }
}
