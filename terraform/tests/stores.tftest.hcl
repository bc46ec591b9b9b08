mock_provider "aws" {
  source = "./tests/aws"
}

run "postgres_of_prod" {
  command = apply

  module {
    source = "./modules/postgres"
  }

  variables {
    name                     = "shop-prod"
    services                 = ["inventory", "order", "payment"]
    subnet_ids               = ["subnet-a", "subnet-b"]
    server_security_group_id = "sg-server"
    proxy_security_group_id  = "sg-proxy"
    multi_az                 = true
    protected                = true
  }

  assert {
    condition     = aws_db_instance.this.storage_encrypted && !aws_db_instance.this.publicly_accessible
    error_message = "The disk is encrypted, and the server is not on the internet."
  }

  assert {
    condition     = aws_db_instance.this.multi_az && aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot && !aws_db_instance.this.delete_automated_backups
    error_message = "A server stands by, and what it keeps cannot be lost by a destroy."
  }

  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.password == null
    error_message = "No state holds the owner's password."
  }

  assert {
    condition     = aws_db_proxy.this.require_tls && one([for parameter in aws_db_parameter_group.this.parameter : parameter.value if parameter.name == "rds.force_ssl"]) == "1"
    error_message = "Nobody speaks to the proxy or the server without TLS."
  }

  assert {
    condition     = alltrue([for auth in aws_db_proxy.this.auth : auth.iam_auth == "REQUIRED"])
    error_message = "The proxy lets in roles, and nobody by a password."
  }

  assert {
    condition     = length(aws_db_proxy.this.auth) == 6 && toset([for secret in aws_secretsmanager_secret.login : secret.name]) == toset(["shop/inventory/database", "shop/order/database", "shop/payment/database"])
    error_message = "Each service has a login of its own."
  }

  assert {
    condition     = toset([for secret in aws_secretsmanager_secret.owner : secret.name]) == toset(["shop/inventory/database-owner", "shop/order/database-owner", "shop/payment/database-owner"])
    error_message = "Each service's migrate has a login of its own."
  }
}

run "documentdb_of_prod" {
  command = apply

  module {
    source = "./modules/documentdb"
  }

  variables {
    name              = "shop-prod"
    subnet_ids        = ["subnet-a", "subnet-b"]
    security_group_id = "sg-catalog"
    instances         = 2
    protected         = true
  }

  assert {
    condition     = aws_docdb_cluster.this.storage_encrypted && aws_docdb_cluster.this.deletion_protection && !aws_docdb_cluster.this.skip_final_snapshot
    error_message = "The catalog is encrypted, and cannot be lost by a destroy."
  }

  assert {
    condition     = alltrue([for parameter in aws_docdb_cluster_parameter_group.this.parameter : parameter.value == "enabled" if contains(["tls", "audit_logs"], parameter.name)]) && contains(aws_docdb_cluster.this.enabled_cloudwatch_logs_exports, "audit")
    error_message = "TLS is asked for, and who did what is logged."
  }
}

run "keyspaces" {
  command = apply

  module {
    source = "./modules/keyspaces"
  }

  variables {
    region     = "us-east-1"
    migrations = "../order/chalicelib/order/migrations"
    protected  = false
  }

  assert {
    condition     = alltrue([for table in aws_keyspaces_table.this : table.point_in_time_recovery[0].status == "ENABLED"])
    error_message = "Every table can be brought back."
  }

  assert {
    condition     = !strcontains(aws_secretsmanager_secret_version.login.secret_string, "password")
    error_message = "The functions sign in with their roles."
  }
}

run "storage" {
  command = apply

  module {
    source = "./modules/storage"
  }

  variables {
    bucket = "shop-invoices-test"
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.invoices.block_public_acls && aws_s3_bucket_public_access_block.invoices.block_public_policy && aws_s3_bucket_public_access_block.invoices.ignore_public_acls && aws_s3_bucket_public_access_block.invoices.restrict_public_buckets
    error_message = "Nothing in the bucket can be made public."
  }

  assert {
    condition     = aws_s3_bucket_versioning.invoices.versioning_configuration[0].status == "Enabled" && !aws_s3_bucket.invoices.force_destroy
    error_message = "What was overwritten or deleted can be had back."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.invoices.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "Invoices are encrypted."
  }
}
