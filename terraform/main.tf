locals {
  name = "shop-${var.stage}"

  granted = jsondecode(file("${path.root}/policies/functions.json"))

  # What each service owns or hears of, by its name: as app.py and .chalice/config.json say, which a test holds.
  with_database = toset(["inventory", "order", "payment"])
  consumers = toset([
    for service, functions in local.granted : service if contains(flatten(values(functions)), "ReadItsQueue")
  ])
  paths = {
    invoice = ["invoices"]
    order   = ["orders"]
    payment = ["payments", "webhooks"]
    product = ["categories", "products"]
  }

  recovery_days = var.protected ? 30 : 0
}

module "network" {
  source = "./modules/network"

  name                = local.name
  region              = var.region
  zones               = var.zones
  nat_gateways        = var.nat_gateways
  interface_endpoints = var.interface_endpoints
}

module "postgres" {
  source = "./modules/postgres"

  name                     = local.name
  services                 = local.with_database
  subnet_ids               = module.network.subnet_ids
  server_security_group_id = module.network.postgres_security_group_id
  proxy_security_group_id  = module.network.postgres_proxy_security_group_id
  instance_class           = var.postgres_class
  multi_az                 = var.postgres_multi_az
  protected                = var.protected
  backup_days              = var.backup_days
  secret_recovery_days     = local.recovery_days
}

module "documentdb" {
  source = "./modules/documentdb"

  name                 = local.name
  subnet_ids           = module.network.subnet_ids
  security_group_id    = module.network.documentdb_security_group_id
  instance_class       = var.catalog_class
  instances            = var.catalog_instances
  protected            = var.protected
  backup_days          = var.backup_days
  secret_recovery_days = local.recovery_days
}

module "keyspaces" {
  source = "./modules/keyspaces"

  region               = var.region
  migrations           = "${path.root}/../order/chalicelib/order/migrations"
  protected            = var.protected
  secret_recovery_days = local.recovery_days
}

module "identity" {
  source = "./modules/identity"

  region        = var.region
  domain_prefix = var.sign_in_prefix
  callback_urls = var.sign_in_callbacks
  protected     = var.protected
}

module "messaging" {
  source = "./modules/messaging"

  account_id = var.account_id
  consumers  = local.consumers
}

module "storage" {
  source = "./modules/storage"

  bucket = "shop-invoices-${var.stage}-${var.account_id}"
}

module "mail" {
  source = "./modules/mail"

  sender           = var.mail_sender
  zone_id          = var.zone_id
  events_topic_arn = module.messaging.mail_events_topic_arn
}

# Its value is the provider's, and comes from nobody's state: docs/to-aws.md says how it is put there.
resource "aws_secretsmanager_secret" "payment_provider" {
  # checkov:skip=CKV_AWS_149: AWS keeps the key: who may read the secret is said by the roles.
  # checkov:skip=CKV2_AWS_57: the payment provider makes these keys: docs/to-aws.md says how they are changed.

  name                    = "shop/payment/provider"
  description             = "The keys of the payment provider, and its address"
  recovery_window_in_days = local.recovery_days
}

module "roles" {
  source = "./modules/roles"

  stage    = var.stage
  policies = "${path.root}/policies"

  database_secrets       = module.postgres.login_secret_names
  database_owner_secrets = module.postgres.owner_secret_names
  payment_queues         = module.messaging.queue_names

  names = {
    region                  = var.region
    account_id              = var.account_id
    catalog_secret          = module.documentdb.login_secret_name
    catalog_owner_secret    = module.documentdb.owner_secret_name
    archive_secret          = module.keyspaces.login_secret_name
    database_proxy          = module.postgres.proxy_id
    archive_keyspace        = module.keyspaces.keyspace
    payment_provider_secret = aws_secretsmanager_secret.payment_provider.name
    payment_topic_arn       = module.messaging.payment_topic_arn
    invoice_bucket          = module.storage.bucket
    mail_identity           = module.mail.identity
    mail_sender             = var.mail_sender
  }
}

module "observability" {
  source = "./modules/observability"

  name                    = local.name
  stage                   = var.stage
  region                  = var.region
  function_names          = module.roles.function_names
  apis                    = { for service, _ in local.paths : service => "${service}-${var.stage}" }
  retention_days          = var.log_days
  alarms_topic_arn        = module.messaging.alarms_topic_arn
  queue_names             = module.messaging.queue_names
  dead_letter_queue_names = module.messaging.dead_letter_queue_names
  server_identifier       = module.postgres.server_identifier
  catalog_identifier      = module.documentdb.cluster_identifier
}

# The databases, their users and passwords. All that runs in them waits for this.
module "logins" {
  source = "./modules/logins"

  name              = local.name
  region            = var.region
  account_id        = var.account_id
  package           = "${path.root}/services/logins"
  subnet_ids        = module.network.subnet_ids
  security_group_id = module.network.logins_security_group_id
  retention_days    = var.log_days

  rotation = var.password_rotation

  postgres = {
    server        = module.postgres.server_address
    proxy         = module.postgres.proxy_address
    proxy_id      = module.postgres.proxy_id
    port          = module.postgres.port
    master_secret = module.postgres.master_secret_arn
    logins        = module.postgres.login_secret_arns
    owners        = module.postgres.owner_secret_arns
  }

  catalog = {
    server        = module.documentdb.address
    port          = module.documentdb.port
    master_secret = module.documentdb.master_secret_arn
    database      = "catalog"
    login         = module.documentdb.login_secret_arn
    owner         = module.documentdb.owner_secret_arn
  }

  # An empty cluster has an address, and nobody behind it; without a way to the secrets nothing is read.
  depends_on = [module.documentdb, module.network]
}
