# What Chalice makes of each service, by `make package`, with what it gets from the rest of the plan.

locals {
  token_variables = {
    user_pool_arn  = module.identity.user_pool_arn
    token_issuer   = module.identity.issuer
    token_audience = module.identity.client_id
    token_keys_url = module.identity.keys_url
  }

  network_variables = {
    subnet_ids         = module.network.subnet_ids
    security_group_ids = [module.network.functions_security_group_id]
  }

  apis = {
    invoice = module.invoice.api
    order   = module.order.api
    payment = module.payment.api
    product = module.product.api
  }

  functions = {
    inventory    = module.inventory.functions
    invoice      = module.invoice.functions
    notification = module.notification.functions
    order        = module.order.functions
    payment      = module.payment.functions
    product      = module.product.functions
  }
}

module "product" {
  source = "./services/product"

  stage                = var.stage
  roles                = module.roles.arns["product"]
  access_log_arn       = module.observability.access_log_arns["product"]
  subnet_ids           = local.network_variables.subnet_ids
  security_group_ids   = local.network_variables.security_group_ids
  catalog_secret       = module.documentdb.login_secret_name
  catalog_owner_secret = module.documentdb.owner_secret_name
  logins               = module.logins.made
  user_pool_arn        = local.token_variables.user_pool_arn
  token_issuer         = local.token_variables.token_issuer
  token_audience       = local.token_variables.token_audience
  token_keys_url       = local.token_variables.token_keys_url
}

module "inventory" {
  source = "./services/inventory"

  stage                 = var.stage
  roles                 = module.roles.arns["inventory"]
  subnet_ids            = local.network_variables.subnet_ids
  security_group_ids    = local.network_variables.security_group_ids
  database_secret       = module.postgres.login_secret_names["inventory"]
  database_owner_secret = module.postgres.owner_secret_names["inventory"]
  payment_queue         = module.messaging.queue_names["inventory"]
  stock_buckets         = tostring(var.stock_buckets)
  logins                = module.logins.made
}

module "order" {
  source = "./services/order"

  stage                    = var.stage
  roles                    = module.roles.arns["order"]
  access_log_arn           = module.observability.access_log_arns["order"]
  subnet_ids               = local.network_variables.subnet_ids
  security_group_ids       = local.network_variables.security_group_ids
  database_secret          = module.postgres.login_secret_names["order"]
  database_owner_secret    = module.postgres.owner_secret_names["order"]
  archive_secret           = module.keyspaces.login_secret_name
  logins                   = module.logins.made
  payment_queue            = module.messaging.queue_names["order"]
  order_minutes_to_pay     = tostring(var.order_minutes_to_pay)
  order_minutes_to_place   = tostring(var.order_minutes_to_place)
  order_minutes_to_archive = tostring(var.order_minutes_to_archive)
  user_pool_arn            = local.token_variables.user_pool_arn
  token_issuer             = local.token_variables.token_issuer
  token_audience           = local.token_variables.token_audience
  token_keys_url           = local.token_variables.token_keys_url
}

module "payment" {
  source = "./services/payment"

  stage                   = var.stage
  roles                   = module.roles.arns["payment"]
  access_log_arn          = module.observability.access_log_arns["payment"]
  subnet_ids              = local.network_variables.subnet_ids
  security_group_ids      = local.network_variables.security_group_ids
  database_secret         = module.postgres.login_secret_names["payment"]
  database_owner_secret   = module.postgres.owner_secret_names["payment"]
  payment_provider_secret = aws_secretsmanager_secret.payment_provider.name
  logins                  = module.logins.made
  payment_topic_arn       = module.messaging.payment_topic_arn
  payment_live            = tostring(var.payment_live)
  checkout_return_url     = var.checkout_return_url
  user_pool_arn           = local.token_variables.user_pool_arn
  token_issuer            = local.token_variables.token_issuer
  token_audience          = local.token_variables.token_audience
  token_keys_url          = local.token_variables.token_keys_url
}

module "invoice" {
  source = "./services/invoice"

  stage          = var.stage
  roles          = module.roles.arns["invoice"]
  access_log_arn = module.observability.access_log_arns["invoice"]
  payment_queue  = module.messaging.queue_names["invoice"]
  invoice_bucket = module.storage.bucket
  seller_name    = var.seller.name
  seller_address = var.seller.address
  seller_tax_id  = var.seller.tax_id
  user_pool_arn  = local.token_variables.user_pool_arn
  token_issuer   = local.token_variables.token_issuer
  token_audience = local.token_variables.token_audience
  token_keys_url = local.token_variables.token_keys_url
}

module "notification" {
  source = "./services/notification"

  stage             = var.stage
  roles             = module.roles.arns["notification"]
  invoice_bucket    = module.storage.bucket
  mail_sender       = var.mail_sender
  mail_server       = ""
  mail_events_topic = module.messaging.mail_events_topic_name
}
