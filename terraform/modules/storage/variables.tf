variable "bucket" {
  description = "The name of the bucket of invoices, which nobody else in the world may have."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "A bucket's name has 3 to 63 small letters, digits and hyphens."
  }
}

variable "old_version_days" {
  description = "For how many days what was overwritten or deleted can be had back."
  type        = number
  default     = 30

  validation {
    condition     = var.old_version_days >= 1
    error_message = "It can be had back for a day at least."
  }
}
