variable "sender" {
  description = "The address that mails come from."
  type        = string

  validation {
    condition     = can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.sender))
    error_message = "The sender is a mail address, such as orders@shop.example."
  }
}

variable "zone_id" {
  description = "The Route 53 zone of the sender's domain, where SES's records are written; null: the address alone is verified, by a mail to it."
  type        = string
  default     = null

  validation {
    condition     = var.zone_id == null || can(regex("^Z[A-Z0-9]*$", var.zone_id))
    error_message = "A Route 53 zone has an id such as Z0123456789ABCDEFGHIJ."
  }
}

variable "events_topic_arn" {
  description = "The topic that SES tells of bounces and complaints."
  type        = string
}
