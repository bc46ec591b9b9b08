variable "name" {
  description = "What the names of all resources begin with, such as shop-dev."
  type        = string
}

variable "region" {
  description = "The region, a part of the log group's ARN."
  type        = string
}

variable "account_id" {
  description = "The account, a part of the log group's ARN."
  type        = string
}

variable "package" {
  description = "The folder with the function's package and with the Python that it was built for, as make package leaves it."
  type        = string
}

variable "subnet_ids" {
  description = "The private subnets."
  type        = list(string)
}

variable "security_group_id" {
  description = "The security group that reaches both servers."
  type        = string
}

variable "retention_days" {
  description = "How long the function's log is kept."
  type        = number
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
