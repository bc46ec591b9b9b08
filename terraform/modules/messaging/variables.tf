variable "account_id" {
  description = "The account, which owns the key."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An account's id has twelve digits."
  }
}

variable "consumers" {
  description = "The services that hear of payments, each by a queue of its own."
  type        = set(string)

  validation {
    condition     = length(var.consumers) > 0 && alltrue([for name in var.consumers : can(regex("^[a-z]+$", name))])
    error_message = "Services are named by small letters, and there is one at least."
  }
}

variable "max_receive_count" {
  description = "How often a message is tried before it waits in the dead-letter queue."
  type        = number
  default     = 5

  validation {
    condition     = var.max_receive_count >= 1 && var.max_receive_count <= 1000
    error_message = "A message is tried 1 to 1000 times."
  }
}

variable "visibility_seconds" {
  description = "When a message that was received and not handled comes again: six times the handlers' timeout, as Lambda asks for."
  type        = number
  default     = 180

  validation {
    condition     = var.visibility_seconds >= 180 && var.visibility_seconds <= 43200
    error_message = "The handlers may take 30 seconds, so 180 is the least; 43200 is the most that SQS takes."
  }
}
