variable "name" {
  description = "What the names of all resources begin with, such as shop-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.name))
    error_message = "A name has small letters, digits and hyphens, 31 at most."
  }
}

variable "bucket" {
  description = "The name of the bucket of files, which nobody else in the world may have."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "A bucket's name has 3 to 63 small letters, digits and hyphens."
  }
}

variable "region" {
  description = "The region of the user pool and of the APIs."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.region))
    error_message = "A region is named like us-east-1."
  }
}

variable "package" {
  description = "The folder with the site and with its headers, as make package leaves it."
  type        = string

  validation {
    condition     = fileexists("${var.package}/site/index.html")
    error_message = "There is no package yet: run make package first."
  }
}

variable "shop_name" {
  description = "The shop's name, as customers know it."
  type        = string

  validation {
    condition     = length(trimspace(var.shop_name)) > 0
    error_message = "The shop has a name."
  }
}

variable "user_pool_id" {
  description = "The pool in which customers sign in."
  type        = string
}

variable "client_id" {
  description = "The client by which they do."
  type        = string
}

variable "apis" {
  description = "The REST API of each service that customers call: its id, its stage, and the first parts of its paths."
  type = map(object({
    id    = string
    stage = string
    paths = list(string)
  }))
}

variable "domain" {
  description = "The name of the storefront, such as shop.example; null: it has the one that CloudFront gives it."
  type        = string
  default     = null

  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.domain))
    error_message = "A domain is named like shop.example."
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

variable "price_class" {
  description = "From where in the world CloudFront answers: the fewer continents, the cheaper."
  type        = string
  default     = "PriceClass_100"

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "The price classes are PriceClass_100, PriceClass_200 and PriceClass_All."
  }
}

variable "waf" {
  description = "Whether a firewall stands before the distribution."
  type        = bool
}

variable "key" {
  description = "A secret by which the firewall before the APIs knows the distribution; null where there is none."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.key == null || length(coalesce(var.key, "-")) >= 32
    error_message = "A secret has 32 characters at least."
  }
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
