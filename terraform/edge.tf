# Where customers come in: the shop's address, and the storefront.

# Not to be guessed, and no more: who knows it is counted by nobody.
resource "terraform_data" "storefront_key" {
  count = var.storefront && var.waf ? 1 : 0

  input = sensitive(uuid())

  lifecycle {
    ignore_changes = [input]
  }
}

module "edge" {
  source = "./modules/edge"

  name              = local.name
  domain            = var.domain
  zone_id           = var.zone_id
  waf               = var.waf
  storefront_key    = one(terraform_data.storefront_key[*].output)
  requests_a_second = var.requests_a_second
  burst             = var.requests_a_second * 2

  apis = { for service, api in local.apis : service => {
    id        = api.id
    stage     = api.stage
    stage_arn = api.stage_arn
    paths     = local.paths[service]
  } }
}

module "storefront" {
  source = "./modules/storefront"
  count  = var.storefront ? 1 : 0

  name         = local.name
  bucket       = "shop-storefront-${var.stage}-${var.account_id}"
  region       = var.region
  package      = "${path.root}/services/storefront"
  shop_name    = var.seller.name
  user_pool_id = module.identity.user_pool_id
  client_id    = module.identity.client_id
  domain       = var.storefront_domain
  zone_id      = var.zone_id
  waf          = var.waf
  key          = one(terraform_data.storefront_key[*].output)

  # Webhooks are the provider's, and go to the API itself.
  apis = { for service, api in local.apis : service => {
    id    = api.id
    stage = api.stage
    paths = [for path in local.paths[service] : path if path != "webhooks"]
  } }
}
