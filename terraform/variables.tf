# Where

variable "account_id" {
  description = "The AWS account of this environment. Each has one of its own: names such as cdc-payment-created are the same in all."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An account's id has twelve digits."
  }
}

variable "region" {
  description = "The AWS region."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.region))
    error_message = "A region is named like us-east-1."
  }
}

variable "stage" {
  description = "The environment, a part of every function's name."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.stage)
    error_message = "The stage is dev or prod."
  }
}

variable "zones" {
  description = "The availability zones, at least two. RDS and RDS Proxy ask for subnets in two also where one server is all."
  type        = list(string)
  default     = ["us-east-1a", "us-east-1b"]

  validation {
    condition     = length(var.zones) >= 2 && length(distinct(var.zones)) == length(var.zones)
    error_message = "Name two zones at least, each once."
  }
}

# What is paid for by the hour

variable "nat_gateways" {
  description = "How many zones have a way to the internet. None: the payment provider is out of reach."
  type        = number

  validation {
    condition     = var.nat_gateways >= 0 && var.nat_gateways <= length(var.zones)
    error_message = "There is at most one NAT gateway a zone."
  }
}

variable "interface_endpoints" {
  description = "The AWS services that are reached without leaving the VPC; all others through a NAT gateway."
  type        = set(string)

  validation {
    condition     = var.nat_gateways > 0 || length(setsubtract(["cassandra", "cognito-idp", "lambda", "secretsmanager", "sns", "sqs"], var.interface_endpoints)) == 0
    error_message = "Without a NAT gateway everything is reached by endpoints: cassandra, cognito-idp, lambda, secretsmanager, sns and sqs."
  }

  # https://docs.aws.amazon.com/cognito/latest/developerguide/vpc-interface-endpoints.html
  validation {
    condition     = !contains(var.interface_endpoints, "cognito-idp") || var.sign_in_prefix == null
    error_message = "Cognito answers no endpoint of a VPC for a pool that has sign-in pages."
  }
}

variable "postgres_class" {
  description = "The size of the Postgres server."
  type        = string

  validation {
    condition     = startswith(var.postgres_class, "db.")
    error_message = "A class begins with db., such as db.t4g.medium."
  }
}

variable "postgres_multi_az" {
  description = "Whether a second Postgres server stands by in another zone."
  type        = bool
}

variable "catalog_class" {
  description = "The size of a DocumentDB instance."
  type        = string

  validation {
    condition     = startswith(var.catalog_class, "db.")
    error_message = "A class begins with db., such as db.t4g.medium."
  }
}

variable "catalog_instances" {
  description = "How many DocumentDB instances there are."
  type        = number

  validation {
    condition     = var.catalog_instances >= 1 && var.catalog_instances <= 16
    error_message = "A cluster has 1 to 16 instances."
  }
}

variable "waf" {
  description = "Whether a firewall stands before the APIs."
  type        = bool
}

variable "password_rotation" {
  description = "Another number makes new passwords for all users of the stores: docs/runbooks/rotate-secrets.md."
  type        = number
  default     = 1

  validation {
    condition     = var.password_rotation >= 1 && floor(var.password_rotation) == var.password_rotation
    error_message = "Rotations are counted: 1, 2, 3."
  }
}

# What is kept

variable "protected" {
  description = "Whether what holds data refuses to be destroyed."
  type        = bool
}

variable "backup_days" {
  description = "How long the backups of Postgres and DocumentDB are kept."
  type        = number

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 35
    error_message = "Backups are kept for 1 to 35 days."
  }
}

variable "log_days" {
  description = "How long logs are kept."
  type        = number

  validation {
    condition     = contains([7, 14, 30, 60, 90, 180, 365, 400], var.log_days)
    error_message = "CloudWatch keeps logs for 7, 14, 30, 60, 90, 180, 365 or 400 days."
  }
}

# The shop

variable "domain" {
  description = "The name of the shop's API, such as api.shop.example; null: each service has an address of its own."
  type        = string
  default     = null

  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.domain))
    error_message = "A domain is named like api.shop.example."
  }
}

variable "zone_id" {
  description = "The Route 53 zone of the domain and of the mails' sender; null: the sender's address alone is verified."
  type        = string
  default     = null

  validation {
    condition     = var.zone_id == null || can(regex("^Z[A-Z0-9]*$", var.zone_id))
    error_message = "A Route 53 zone has an id such as Z0123456789ABCDEFGHIJ."
  }
}

variable "storefront" {
  description = "Whether there is a storefront: the pages in a browser by which customers use the shop."
  type        = bool
}

variable "storefront_domain" {
  description = "The name of the storefront, such as shop.example, in the zone of the domain; null: CloudFront gives it one."
  type        = string
  default     = null

  validation {
    condition     = var.storefront_domain == null || can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.storefront_domain))
    error_message = "A domain is named like shop.example."
  }

  validation {
    condition     = var.storefront_domain == null || var.storefront_domain != var.domain
    error_message = "The storefront and the API each have a name of their own."
  }
}

variable "sign_in_prefix" {
  description = "What the address of Cognito's sign-in pages begins with, unique in the region; null: there are none."
  type        = string
  default     = null

  validation {
    condition     = var.sign_in_prefix == null || can(regex("^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$", var.sign_in_prefix))
    error_message = "The prefix has small letters, digits and hyphens."
  }
}

variable "sign_in_callbacks" {
  description = "Where the sign-in pages send a customer back to."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for url in var.sign_in_callbacks : startswith(url, "https://") || startswith(url, "http://localhost")])
    error_message = "An address to come back to begins with https:// (or http://localhost)."
  }
}

variable "mail_sender" {
  description = "The address that mails come from."
  type        = string

  validation {
    condition     = can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.mail_sender))
    error_message = "The sender is a mail address, such as orders@shop.example."
  }
}

variable "checkout_return_url" {
  description = "Where the payment provider sends a customer back to: the storefront, where there is one."
  type        = string

  validation {
    condition     = startswith(var.checkout_return_url, "https://")
    error_message = "The address begins with https://."
  }
}

variable "stock_buckets" {
  description = "How many rows the pieces of a product are shared out to. More let more orders for one product be placed at once."
  type        = number
  default     = 1

  validation {
    condition     = var.stock_buckets >= 1 && var.stock_buckets <= 64 && floor(var.stock_buckets) == var.stock_buckets
    error_message = "A product has 1 to 64 buckets."
  }
}

variable "order_minutes_to_pay" {
  description = "How long an order waits for its payment before it is canceled. The provider's page is open for 30 minutes at least."
  type        = number
  default     = 30

  validation {
    condition     = var.order_minutes_to_pay >= 1
    error_message = "It waits a minute at least."
  }
}

variable "order_minutes_to_place" {
  description = "How long placing an order may take before it is undone."
  type        = number
  default     = 5

  validation {
    condition     = var.order_minutes_to_place >= 1
    error_message = "It takes a minute at least."
  }
}

variable "payment_live" {
  description = "Whether the provider's account takes real money. Events of the other kind are ignored."
  type        = bool
  default     = false
}

variable "order_minutes_to_archive" {
  description = "How long a delivered order stays in Postgres before it moves to the archive."
  type        = number
  default     = 10080

  validation {
    condition     = var.order_minutes_to_archive >= 0
    error_message = "It stays no minute, or some."
  }
}

variable "seller" {
  description = "The seller, as the invoices name it. The lines of the address are parted by semicolons."
  type = object({
    name    = string
    address = string
    tax_id  = string
  })

  validation {
    condition     = alltrue([for said in values(var.seller) : length(trimspace(said)) > 0])
    error_message = "Invoices name the seller, its address and its tax number."
  }
}

variable "requests_a_second" {
  description = "How many requests a second each service answers; what comes above is told to come again."
  type        = number
  default     = 200

  validation {
    condition     = var.requests_a_second >= 1
    error_message = "One request a second is the least."
  }
}
