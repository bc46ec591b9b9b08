# What would be applied and then not work is refused while it is planned:
# terraform test -filter=tests/mistakes.tftest.hcl -var-file=environments/dev.tfvars

mock_provider "aws" {
  source = "./tests/aws"
}

variables {
  account_id          = "111122223333"
  mail_sender         = "orders@shop.example"
  checkout_return_url = "https://shop.example/paid"
  seller              = { name = "The Shop", address = "Street 1;Town", tax_id = "EX1" }
}

run "no_way_out_and_not_all_endpoints" {
  command = plan

  variables {
    nat_gateways        = 0
    interface_endpoints = ["cassandra", "lambda", "secretsmanager", "sns", "sqs"]
  }

  expect_failures = [var.interface_endpoints]
}

run "sign_in_pages_and_cognito_s_endpoint" {
  command = plan

  variables {
    interface_endpoints = ["cognito-idp"]
    sign_in_prefix      = "shop"
    sign_in_callbacks   = ["https://shop.example"]
  }

  expect_failures = [var.interface_endpoints]
}

run "an_account_that_is_none" {
  command = plan

  variables {
    account_id = "shop"
  }

  expect_failures = [var.account_id]
}
