variable "name" {
  description = "What the names of all resources begin with, such as shop-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.name))
    error_message = "A name has small letters, digits and hyphens, 31 at most."
  }
}

variable "region" {
  description = "The region, a part of the log group's ARN."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.region))
    error_message = "A region is named like us-east-1."
  }
}

variable "account_id" {
  description = "The account, a part of the log group's ARN."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An account's id has twelve digits."
  }
}

variable "package" {
  description = "The folder with the function's package and with the Python that it was built for, as make package leaves it."
  type        = string

  validation {
    condition     = fileexists("${var.package}/deployment.zip")
    error_message = "There is no package yet: run make package first."
  }
}

variable "subnet_ids" {
  description = "The private subnets."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "The subnets are in two zones at least."
  }
}

variable "security_group_id" {
  description = "The security group that reaches both servers."
  type        = string
}

variable "retention_days" {
  description = "How long the function's log is kept."
  type        = number

  validation {
    condition     = contains([7, 14, 30, 60, 90, 180, 365, 400], var.retention_days)
    error_message = "CloudWatch keeps logs for 7, 14, 30, 60, 90, 180, 365 or 400 days."
  }
}

variable "postgres" {
  description = "The Postgres server, the address and id of the proxy before it, the ARN of its owner's secret, and the ARN of each service's."
  type = object({
    server       = string
    proxy        = string
    proxy_id     = string
    port         = number
    owner_secret = string
    logins       = map(string)
  })
}

variable "catalog" {
  description = "The DocumentDB cluster, the ARN of its owner's secret, the name of the database and the ARN of its service's secret."
  type = object({
    server       = string
    port         = number
    owner_secret = string
    database     = string
    login        = string
  })
}
