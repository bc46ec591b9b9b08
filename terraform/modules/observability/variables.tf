variable "name" {
  description = "What the names of all alarms begin with, such as shop-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.name))
    error_message = "A name has small letters, digits and hyphens, 31 at most."
  }
}

variable "stage" {
  description = "The environment, the one dimension of the shop's own metrics."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2,10}$", var.stage))
    error_message = "A stage is a short word in small letters."
  }
}

variable "region" {
  description = "The region, which the dashboard's charts ask for."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.region))
    error_message = "A region is named like us-east-1."
  }
}

variable "function_names" {
  description = "The names of all functions: each gets a log group."
  type        = set(string)

  validation {
    condition     = length(var.function_names) > 0
    error_message = "There is one function at least."
  }
}

variable "apis" {
  description = "The names of the REST APIs, by service."
  type        = map(string)
}

variable "retention_days" {
  description = "How long logs are kept."
  type        = number

  validation {
    condition     = contains([7, 14, 30, 60, 90, 180, 365, 400], var.retention_days)
    error_message = "CloudWatch keeps logs for 7, 14, 30, 60, 90, 180, 365 or 400 days."
  }
}

variable "alarms_topic_arn" {
  description = "The topic that alarms are raised on."
  type        = string
}

variable "queue_names" {
  description = "The name of each consumer's queue, by service."
  type        = map(string)
}

variable "dead_letter_queue_names" {
  description = "The name of each consumer's dead-letter queue, by service."
  type        = map(string)
}

variable "server_identifier" {
  description = "The Postgres server."
  type        = string
}

variable "catalog_identifier" {
  description = "The DocumentDB cluster."
  type        = string
}
