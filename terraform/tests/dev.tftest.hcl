# The whole of dev, with what `make package` made of the services:
# terraform test -filter=tests/dev.tftest.hcl -var-file=environments/dev.tfvars

mock_provider "aws" {
  source = "./tests/aws"
}

variables {
  account_id          = "111122223333"
  mail_sender         = "orders@shop.example"
  checkout_return_url = "https://shop.example/paid"
  seller              = { name = "The Shop", address = "Street 1;Town", tax_id = "EX1" }
}

run "planned" {
  command = plan

  assert {
    condition     = output.address == null
    error_message = "Without a domain each service has the address that API Gateway gives it."
  }
}
