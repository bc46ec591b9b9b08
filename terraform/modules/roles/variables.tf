variable "stage" {
  description = "The stage, a part of every function's and role's name."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+$", var.stage))
    error_message = "A stage is named by small letters."
  }
}

variable "policies" {
  description = "The folder with functions.json and statements.json."
  type        = string

  validation {
    condition     = fileexists("${var.policies}/functions.json") && fileexists("${var.policies}/statements.json")
    error_message = "The folder has functions.json and statements.json."
  }
}

variable "names" {
  description = "What stands for each name in statements.json that does not differ from service to service."
  type = object({
    region                  = string
    account_id              = string
    catalog_secret          = string
    catalog_owner_secret    = string
    archive_secret          = string
    database_proxy          = string
    archive_keyspace        = string
    payment_provider_secret = string
    payment_topic_arn       = string
    invoice_bucket          = string
    mail_identity           = string
    mail_sender             = string
  })
}

variable "database_secrets" {
  description = "The name of the secret with its database's login, by service."
  type        = map(string)
}

variable "database_owner_secrets" {
  description = "The name of the secret with the login of the owner of its tables, by service."
  type        = map(string)
}

variable "payment_queues" {
  description = "The name of its queue, by service."
  type        = map(string)
}
