variable "name" {
  description = "What the names of all resources begin with, such as shop-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.name))
    error_message = "A name has small letters, digits and hyphens, 31 at most."
  }
}

variable "domain" {
  description = "The name of the shop's API, such as api.shop.example; null: each service has the address that API Gateway gives it."
  type        = string
  default     = null

  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.domain))
    error_message = "A domain is named like api.shop.example."
  }
}

variable "zone_id" {
  description = "The Route 53 zone of that name. Asked for where there is a domain."
  type        = string
  default     = null

  validation {
    condition     = var.zone_id == null || can(regex("^Z[A-Z0-9]*$", var.zone_id))
    error_message = "A Route 53 zone has an id such as Z0123456789ABCDEFGHIJ."
  }
}

variable "waf" {
  description = "Whether a firewall stands before the APIs."
  type        = bool
}

variable "requests_in_five_minutes" {
  description = "How many requests one address may make in five minutes before the firewall refuses it."
  type        = number
  default     = 2000

  validation {
    condition     = var.requests_in_five_minutes >= 10
    error_message = "AWS WAF counts to 10 at least."
  }
}

variable "storefront_key" {
  description = "What the storefront says in X-Storefront-Key: its requests the firewall does not count; null where there is none."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.storefront_key == null || length(coalesce(var.storefront_key, "-")) >= 32
    error_message = "A secret has 32 characters at least."
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

variable "burst" {
  description = "How many requests each service answers at one moment."
  type        = number
  default     = 400

  validation {
    condition     = var.burst >= var.requests_a_second
    error_message = "At one moment it answers no fewer than in a second."
  }
}

variable "apis" {
  description = "The REST API of each service: its id, stage and the stage's ARN, and the first parts of its paths."
  type = map(object({
    id        = string
    stage     = string
    stage_arn = string
    paths     = list(string)
  }))
}
