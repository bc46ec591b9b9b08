variable "name" {
  description = "What the names of all resources begin with, such as shop-dev."
  type        = string
}

variable "domain" {
  description = "The name of the shop's API, such as api.shop.example; null: each service has the address that API Gateway gives it."
  type        = string
  default     = null
}

variable "zone_id" {
  description = "The Route 53 zone of that name. Asked for where there is a domain."
  type        = string
  default     = null
}

variable "waf" {
  description = "Whether a firewall stands before the APIs."
  type        = bool
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

variable "requests_a_second" {
  description = "How many requests a second each service answers; what comes above is told to come again."
  type        = number
  default     = 200
}

variable "burst" {
  description = "How many requests each service answers at one moment."
  type        = number
  default     = 400
}

variable "apis" {
  description = "The REST API of each service: its id, stage and the stage's ARN, and the first parts of its paths."
  type = map(object({
    id        = string
    stage     = string
    stage_arn = string
    paths     = list(string)
  }))
}
