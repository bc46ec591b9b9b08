output "address" {
  description = "The one address of the shop; null where there is no domain."
  value       = module.edge.address
}

output "storefront_address" {
  description = "Where customers find the shop; null where there is no storefront."
  value       = one(module.storefront[*].address)
}

output "service_addresses" {
  description = "The address that API Gateway gives each service."
  value       = { for service, api in local.apis : service => api.address }
}

output "functions" {
  description = "The ARN of each function, by service and function."
  value       = local.functions
}

output "user_pool_id" {
  description = "The pool of customers and operators."
  value       = module.identity.user_pool_id
}

output "client_id" {
  description = "The client by which they sign in."
  value       = module.identity.client_id
}

output "invoice_bucket" {
  description = "The bucket of invoices."
  value       = module.storage.bucket
}

output "alarms_topic_arn" {
  description = "The topic of alarms, to which whoever is on duty subscribes."
  value       = module.messaging.alarms_topic_arn
}

output "alarms" {
  description = "The names of all alarms."
  value       = module.observability.alarms
}
