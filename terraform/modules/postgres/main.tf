resource "aws_db_subnet_group" "this" {
  name       = "${var.name}-postgres"
  subnet_ids = var.subnet_ids
}

resource "aws_db_parameter_group" "this" {
  name_prefix = "${var.name}-postgres-"
  family      = "postgres${split(".", var.engine_version)[0]}"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  # What takes longer than a second is worth a look.
  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "this" {
  # checkov:skip=CKV_AWS_118: Performance Insights says more, and costs nothing for seven days.
  # checkov:skip=CKV_AWS_354: AWS keeps the key: statements are seen without their values.
  # checkov:skip=CKV_AWS_161: the services speak to RDS Proxy, which asks for IAM; the owner's password is RDS's own.

  identifier = "${var.name}-postgres"

  engine                      = "postgres"
  engine_version              = var.engine_version
  instance_class              = var.instance_class
  parameter_group_name        = aws_db_parameter_group.this.name
  auto_minor_version_upgrade  = true
  allow_major_version_upgrade = false
  multi_az                    = var.multi_az

  # Made and rotated by RDS: nobody ever sees it, and no state holds it.
  username                    = "shop_owner"
  manage_master_user_password = true

  storage_type          = "gp3"
  allocated_storage     = var.storage_gb
  max_allocated_storage = var.storage_gb * 5
  storage_encrypted     = true

  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [var.server_security_group_id]
  publicly_accessible    = false

  backup_retention_period   = var.backup_days
  copy_tags_to_snapshot     = true
  deletion_protection       = var.protected
  delete_automated_backups  = !var.protected
  skip_final_snapshot       = !var.protected
  final_snapshot_identifier = var.protected ? "${var.name}-postgres-last" : null

  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]
  performance_insights_enabled    = true
}

# Each service's login, and that of the owner of its tables, as which only migrate logs in. Their values are written by
# the function of the module `logins`, never by Terraform.
resource "aws_secretsmanager_secret" "login" {
  # checkov:skip=CKV_AWS_149: AWS keeps the key: who may read the secret is said by the roles.
  # checkov:skip=CKV2_AWS_57: a new password needs the server, too: docs/runbooks/rotate-secrets.md says how one is made.

  for_each = var.services

  name                    = "shop/${each.key}/database"
  description             = "The ${each.key} service's login at its database, through RDS Proxy"
  recovery_window_in_days = var.secret_recovery_days
}

resource "aws_secretsmanager_secret" "owner" {
  # checkov:skip=CKV_AWS_149: AWS keeps the key: who may read the secret is said by the roles.
  # checkov:skip=CKV2_AWS_57: a new password needs the server, too: docs/runbooks/rotate-secrets.md says how one is made.

  for_each = var.services

  name                    = "shop/${each.key}/database-owner"
  description             = "The login of migrate of the ${each.key} service, through RDS Proxy"
  recovery_window_in_days = var.secret_recovery_days
}

locals {
  secret_arns = concat(
    [for service in sort(var.services) : aws_secretsmanager_secret.login[service].arn],
    [for service in sort(var.services) : aws_secretsmanager_secret.owner[service].arn],
  )
}

resource "aws_iam_role" "proxy" {
  name               = "${var.name}-postgres-proxy"
  assume_role_policy = data.aws_iam_policy_document.proxy_trust.json
}

data "aws_iam_policy_document" "proxy_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["rds.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "proxy" {
  statement {
    sid       = "ReadTheLoginsOfTheServices"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = local.secret_arns
  }
}

resource "aws_iam_role_policy" "proxy" {
  name   = "read-logins"
  role   = aws_iam_role.proxy.id
  policy = data.aws_iam_policy_document.proxy.json
}

resource "aws_db_proxy" "this" {
  name                   = "${var.name}-postgres"
  engine_family          = "POSTGRESQL"
  role_arn               = aws_iam_role.proxy.arn
  vpc_subnet_ids         = var.subnet_ids
  vpc_security_group_ids = [var.proxy_security_group_id]
  require_tls            = true
  idle_client_timeout    = 1800

  dynamic "auth" {
    for_each = local.secret_arns

    content {
      # The proxy logs in at the server with the secret; a function logs in at the proxy with its role.
      auth_scheme = "SECRETS"
      secret_arn  = auth.value
      iam_auth    = "REQUIRED"
    }
  }
}

resource "aws_db_proxy_default_target_group" "this" {
  db_proxy_name = aws_db_proxy.this.name

  connection_pool_config {
    # The rest is for the function that makes logins, and for people who look at what is wrong.
    max_connections_percent      = 90
    max_idle_connections_percent = 50
    connection_borrow_timeout    = 5
  }
}

resource "aws_db_proxy_target" "this" {
  db_proxy_name          = aws_db_proxy.this.name
  target_group_name      = aws_db_proxy_default_target_group.this.name
  db_instance_identifier = aws_db_instance.this.identifier
}
