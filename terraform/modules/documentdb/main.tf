resource "aws_docdb_subnet_group" "this" {
  name       = "${var.name}-catalog"
  subnet_ids = var.subnet_ids
}

resource "aws_docdb_cluster_parameter_group" "this" {
  name_prefix = "${var.name}-catalog-"
  family      = "docdb5.0"
  description = "TLS only, and a log of who did what"

  parameter {
    name  = "tls"
    value = "enabled"
  }

  parameter {
    name  = "audit_logs"
    value = "enabled"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_docdb_cluster" "this" {
  # checkov:skip=CKV_AWS_182: AWS keeps the key: one of our own costs more, and keeps nobody out who may read the cluster.

  cluster_identifier = "${var.name}-catalog"

  engine                          = "docdb"
  engine_version                  = "5.0.0"
  db_cluster_parameter_group_name = aws_docdb_cluster_parameter_group.this.name

  # Made and rotated by DocumentDB: nobody ever sees it, and no state holds it.
  master_username             = "shop_owner"
  manage_master_user_password = true

  storage_encrypted      = true
  db_subnet_group_name   = aws_docdb_subnet_group.this.name
  vpc_security_group_ids = [var.security_group_id]

  backup_retention_period   = var.backup_days
  deletion_protection       = var.protected
  skip_final_snapshot       = !var.protected
  final_snapshot_identifier = var.protected ? "${var.name}-catalog-last" : null

  enabled_cloudwatch_logs_exports = ["audit", "profiler"]
}

resource "aws_docdb_cluster_instance" "this" {
  count = var.instances

  identifier                 = "${var.name}-catalog-${count.index}"
  cluster_identifier         = aws_docdb_cluster.this.id
  instance_class             = var.instance_class
  auto_minor_version_upgrade = true
}

# The product service's login, and that of its migrate. Their values are written by the function of the module `logins`.
resource "aws_secretsmanager_secret" "login" {
  # checkov:skip=CKV_AWS_149: AWS keeps the key: who may read the secret is said by the roles.
  # checkov:skip=CKV2_AWS_57: a new password needs the server, too: docs/runbooks/rotate-secrets.md says how one is made.

  name                    = "shop/product/catalog"
  description             = "The product service's login at the catalog"
  recovery_window_in_days = var.secret_recovery_days
}

resource "aws_secretsmanager_secret" "owner" {
  # checkov:skip=CKV_AWS_149: AWS keeps the key: who may read the secret is said by the roles.
  # checkov:skip=CKV2_AWS_57: a new password needs the server, too: docs/runbooks/rotate-secrets.md says how one is made.

  name                    = "shop/product/catalog-owner"
  description             = "The login of the product service's migrate at the catalog, and of whoever loads products"
  recovery_window_in_days = var.secret_recovery_days
}
