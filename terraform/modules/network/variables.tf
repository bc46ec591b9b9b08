variable "name" {
  description = "What the names of all resources begin with, such as shop-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.name))
    error_message = "A name has small letters, digits and hyphens, 31 at most."
  }
}

variable "region" {
  description = "The region, a part of the endpoints' service names."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.region))
    error_message = "A region is named like us-east-1."
  }
}

variable "cidr" {
  description = "The addresses of the VPC. Each subnet gets a sixteenth of them."
  type        = string
  default     = "10.20.0.0/16"

  validation {
    condition     = can(cidrsubnet(var.cidr, 4, 15))
    error_message = "The cidr must be a block of IPv4 addresses, such as 10.20.0.0/16."
  }
}

variable "zones" {
  description = "The availability zones of the subnets, at least two: the stores ask for as many."
  type        = list(string)

  validation {
    condition     = length(var.zones) >= 2 && length(var.zones) <= 6 && length(distinct(var.zones)) == length(var.zones)
    error_message = "Name two to six zones, each once."
  }
}

variable "nat_gateways" {
  description = "How many zones have a way to the internet. None: the payment provider is out of reach."
  type        = number
  default     = 1

  validation {
    condition     = var.nat_gateways >= 0 && var.nat_gateways <= 6 && floor(var.nat_gateways) == var.nat_gateways
    error_message = "There are none to six NAT gateways, and no more than zones."
  }
}

variable "interface_endpoints" {
  description = "The AWS services that the functions reach without leaving the VPC, each for a fee an hour and zone."
  type        = set(string)
  default     = ["cassandra", "lambda", "secretsmanager", "sns", "sqs"]

  validation {
    condition     = alltrue([for service in var.interface_endpoints : contains(["cassandra", "cognito-idp", "lambda", "secretsmanager", "sns", "sqs"], service)])
    error_message = "The shop speaks to cassandra, cognito-idp, lambda, secretsmanager, sns and sqs."
  }
}
