mock_provider "aws" {}

variables {
  name   = "shop-test"
  region = "us-east-1"
  zones  = ["us-east-1a", "us-east-1b"]
}

run "who_may_speak_to_whom" {
  command = apply

  module {
    source = "./modules/network"
  }

  variables {
    nat_gateways        = 1
    interface_endpoints = ["cassandra", "lambda", "secretsmanager", "sns", "sqs"]
  }

  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_ingress_rule.conversation : rule.cidr_ipv4 == null && rule.cidr_ipv6 == null && rule.referenced_security_group_id != null])
    error_message = "Whoever may come in is named by a security group."
  }

  assert {
    condition     = toset([for rule in aws_vpc_security_group_ingress_rule.conversation : rule.from_port]) == toset([443, 5432, 9142, 27017])
    error_message = "Only the ports of the stores and of AWS's endpoints are open."
  }

  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_ingress_rule.conversation : rule.from_port == rule.to_port && rule.ip_protocol == "tcp"])
    error_message = "A rule opens one port."
  }

  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_ingress_rule.conversation : rule.referenced_security_group_id != aws_security_group.functions.id if rule.security_group_id == aws_security_group.postgres.id])
    error_message = "The functions reach Postgres through the proxy alone."
  }

  assert {
    condition     = length(aws_subnet.private) == 2 && length(distinct([for subnet in aws_subnet.private : subnet.availability_zone])) == 2
    error_message = "There is a private subnet in each zone."
  }

  assert {
    condition     = aws_vpc_endpoint.s3.vpc_endpoint_type == "Gateway" && toset(keys(aws_vpc_endpoint.interface)) == toset(["cassandra", "lambda", "secretsmanager", "sns", "sqs"])
    error_message = "All that the functions use of AWS can be reached without a NAT gateway."
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1 && alltrue([for subnet in aws_subnet.public : !subnet.map_public_ip_on_launch])
    error_message = "One zone has a way out, and nothing in it gets a public address unasked."
  }
}

run "without_a_way_out" {
  command = apply

  module {
    source = "./modules/network"
  }

  variables {
    nat_gateways = 0
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_internet_gateway.this) == 0 && length(aws_vpc_security_group_egress_rule.outside) == 0 && length(aws_route.private) == 0
    error_message = "Without NAT gateways nothing leads out of the VPC."
  }
}

run "one_zone_is_refused" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    zones = ["us-east-1a"]
  }

  expect_failures = [var.zones]
}
