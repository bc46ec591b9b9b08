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
  description = "The Postgres server, the address and id of the proxy before it, the ARN of the secret of the server's own user, of each service's, and of the owner's of its tables."
  type = object({
    server        = string
    proxy         = string
    proxy_id      = string
    port          = number
    master_secret = string
    logins        = map(string)
    owners        = map(string)
  })
}

variable "catalog" {
  description = "The DocumentDB cluster, the ARN of the secret of its own user, the name of the database, and the ARNs of the secrets of its service and of the service's migrate."
  type = object({
    server        = string
    port          = number
    master_secret = string
    database      = string
    login         = string
    owner         = string
  })
}

variable "rotation" {
  description = "Another number makes new passwords for all users."
  type        = number

  validation {
    condition     = var.rotation >= 1 && floor(var.rotation) == var.rotation
    error_message = "Rotations are counted: 1, 2, 3."
  }
}
