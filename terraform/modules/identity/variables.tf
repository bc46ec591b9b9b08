variable "name" {
  description = "The name of the pool and of its client."
  type        = string
  default     = "shop"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.name))
    error_message = "A name has small letters, digits and hyphens, 31 at most."
  }
}

variable "region" {
  description = "The region, a part of the tokens' issuer."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.region))
    error_message = "A region is named like us-east-1."
  }
}

variable "domain_prefix" {
  description = "What the address of Cognito's own sign-in pages begins with; null where there are none."
  type        = string
  default     = null

  validation {
    condition     = var.domain_prefix == null || can(regex("^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$", var.domain_prefix))
    error_message = "The prefix has small letters, digits and hyphens."
  }
}

variable "callback_urls" {
  description = "Where the sign-in pages send a customer back to. Asked for where there is a domain_prefix."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for url in var.callback_urls : startswith(url, "https://") || startswith(url, "http://localhost")])
    error_message = "An address to come back to begins with https:// (or http://localhost)."
  }
}

variable "protected" {
  description = "Whether the pool refuses to be deleted."
  type        = bool
}
