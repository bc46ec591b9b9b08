variable "name" {
  description = "What the names of all resources begin with, such as shop-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.name))
    error_message = "A name has small letters, digits and hyphens, 31 at most."
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

variable "security_group_id" {
  description = "The security group of the cluster."
  type        = string
}

variable "instance_class" {
  description = "The size of each instance."
  type        = string
  default     = "db.t4g.medium"

  validation {
    condition     = startswith(var.instance_class, "db.")
    error_message = "The class of a DocumentDB instance begins with db., such as db.t4g.medium."
  }
}

variable "instances" {
  description = "How many instances there are: the first writes, another takes over where it fails."
  type        = number

  validation {
    condition     = var.instances >= 1 && var.instances <= 16
    error_message = "A cluster has 1 to 16 instances."
  }
}

variable "protected" {
  description = "Whether the cluster refuses to be deleted, and leaves a last snapshot when it is."
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
