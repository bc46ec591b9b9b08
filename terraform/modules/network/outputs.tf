output "subnet_ids" {
  description = "The private subnets, in the order of the zones."
  value       = [for zone in var.zones : aws_subnet.private[zone].id]
}

output "functions_security_group_id" {
  description = "The group of the functions that have a store."
  value       = aws_security_group.functions.id
}

output "logins_security_group_id" {
  description = "The group of the function that makes databases and logins."
  value       = aws_security_group.logins.id
}

output "postgres_security_group_id" {
  description = "The group of the Postgres server."
  value       = aws_security_group.postgres.id
}

output "postgres_proxy_security_group_id" {
  description = "The group of RDS Proxy."
  value       = aws_security_group.postgres_proxy.id
}

output "documentdb_security_group_id" {
  description = "The group of the DocumentDB cluster."
  value       = aws_security_group.documentdb.id
}
