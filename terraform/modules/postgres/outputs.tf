output "server_address" {
  description = "The name of the server itself."
  value       = aws_db_instance.this.address
}

output "server_identifier" {
  description = "The identifier of the server, as its metrics have it."
  value       = aws_db_instance.this.identifier
}

output "proxy_address" {
  description = "The name of RDS Proxy, which the functions speak to."
  value       = aws_db_proxy.this.endpoint

  depends_on = [aws_db_proxy_target.this]
}

output "proxy_id" {
  description = "The id of the proxy, prx-..., by which permissions to log in name it."
  value       = element(split(":", aws_db_proxy.this.arn), 6)
}

output "port" {
  description = "The port of the server and of the proxy."
  value       = 5432
}

output "master_secret_arn" {
  description = "The secret that RDS keeps the password of the server's own user in."
  value       = aws_db_instance.this.master_user_secret[0].secret_arn
}

output "login_secret_names" {
  description = "The name of each service's secret, by service."
  value       = { for service, secret in aws_secretsmanager_secret.login : service => secret.name }
}

output "login_secret_arns" {
  description = "The ARN of each service's secret, by service."
  value       = { for service, secret in aws_secretsmanager_secret.login : service => secret.arn }
}

output "owner_secret_names" {
  description = "The name of the secret of each service's migrate, by service."
  value       = { for service, secret in aws_secretsmanager_secret.owner : service => secret.name }
}

output "owner_secret_arns" {
  description = "The ARN of the secret of each service's migrate, by service."
  value       = { for service, secret in aws_secretsmanager_secret.owner : service => secret.arn }
}
