variable "name" {
  description = "What the names of all resources begin with, such as shop-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.name))
    error_message = "A name has small letters, digits and hyphens, 31 at most."
  }
}

variable "services" {
  description = "The services that have a database, and a role, of their own name each."
  type        = set(string)

  validation {
    condition     = length(var.services) > 0 && alltrue([for name in var.services : can(regex("^[a-z]+$", name))])
    error_message = "Services are named by small letters, and there is one at least."
  }
}

variable "subnet_ids" {
  description = "The private subnets, in at least two zones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "The subnets are in two zones at least."
  }
}

variable "server_security_group_id" {
  description = "The security group of the server."
  type        = string
}

variable "proxy_security_group_id" {
  description = "The security group of RDS Proxy."
  type        = string
}

variable "instance_class" {
  description = "The size of the server."
  type        = string
  default     = "db.t4g.micro"

  validation {
    condition     = startswith(var.instance_class, "db.")
    error_message = "The class of an RDS instance begins with db., such as db.t4g.micro."
  }
}

variable "engine_version" {
  description = "The version of Postgres; with the major one alone, AWS takes up minor ones in the maintenance window."
  type        = string
  default     = "16"

  validation {
    condition     = can(regex("^[0-9]{2}(\\.[0-9]+)?$", var.engine_version))
    error_message = "A version is named like 16, or 16.4."
  }
}

variable "storage_gb" {
  description = "What the disk has at first, in GB; it grows to five times that by itself."
  type        = number
  default     = 20

  validation {
    condition     = var.storage_gb >= 20
    error_message = "RDS gives 20 GB at least."
  }
}

variable "multi_az" {
  description = "Whether a second server stands by in another zone."
  type        = bool
}

variable "protected" {
  description = "Whether the server refuses to be deleted, and leaves a last snapshot when it is."
  type        = bool
}

variable "backup_days" {
  description = "How long backups are kept; any second of these days can be restored."
  type        = number
  default     = 7

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 35
    error_message = "Backups are kept for 1 to 35 days."
  }
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
