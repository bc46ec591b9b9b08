variable "region" {
  description = "The region, whose name is also that of the data center."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.region))
    error_message = "A region is named like us-east-1."
  }
}

variable "keyspace" {
  description = "The name of the keyspace."
  type        = string
  default     = "shop"

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,47}$", var.keyspace))
    error_message = "A keyspace is named by small letters, digits and _, 48 at most."
  }
}

variable "migrations" {
  description = "The folder with the order service's .cql files, whose tables are made."
  type        = string

  validation {
    condition     = length(fileset(var.migrations, "*.cql")) > 0
    error_message = "There are no .cql files in that folder."
  }
}

variable "protected" {
  description = "Whether a plan that would delete a table is refused."
  type        = bool
}

variable "secret_recovery_days" {
  description = "For how many days a deleted secret can be had back: 0, or 7 to 30."
  type        = number
  default     = 30

  validation {
    condition     = var.secret_recovery_days == 0 || (var.secret_recovery_days >= 7 && var.secret_recovery_days <= 30)
    error_message = "Secrets Manager takes 0, or 7 to 30 days."
  }
}
