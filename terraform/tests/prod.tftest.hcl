# The whole of prod, with what `make package` made of the services:
# terraform test -filter=tests/prod.tftest.hcl -var-file=environments/prod.tfvars

mock_provider "aws" {
  source = "./tests/aws"
}

variables {
  account_id          = "111122223333"
  domain              = "api.shop.example"
  zone_id             = "Z1"
  mail_sender         = "orders@shop.example"
  storefront_domain   = "shop.example"
  checkout_return_url = "https://shop.example/"
  seller              = { name = "The Shop", address = "Street 1;Town", tax_id = "EX1" }
}

# tests/terraform reads from this plan that what holds data refuses to be destroyed.
run "planned" {
  command = plan

  assert {
    condition     = var.protected && var.postgres_multi_az && var.waf && var.catalog_instances > 1 && var.nat_gateways == length(var.zones)
    error_message = "Whatever fails alone, a server or a zone, the shop goes on."
  }
}

run "applied" {
  command = apply

  # What refuses to be destroyed could not be taken away after the test.
  variables {
    protected = false
  }

  assert {
    condition     = toset(flatten([for service, functions in output.functions : [for function in functions : function.name]])) == toset(module.roles.function_names)
    error_message = "Each function has a role, and each role a function."
  }

  assert {
    condition     = toset(keys(output.service_addresses)) == toset(["invoice", "order", "payment", "product"])
    error_message = "Four services answer customers."
  }

  assert {
    condition     = output.address == "https://api.shop.example"
    error_message = "One name leads to all of them."
  }

  assert {
    condition     = output.storefront_address == "https://shop.example/"
    error_message = "Customers find the shop at a name of its own."
  }

  assert {
    condition     = length(output.alarms) >= length(module.roles.function_names) + 2 * 3 + 4
    error_message = "Each function, queue, dead-letter queue and API has its alarm."
  }
}

# What was applied is kept: tests/terraform reads from this plan that there is nothing left to do.
run "applied_again" {
  command = plan

  variables {
    protected = false
  }

  assert {
    condition     = output.functions == run.applied.functions && output.alarms == run.applied.alarms && output.service_addresses == run.applied.service_addresses
    error_message = "The second time nothing is another."
  }
}
