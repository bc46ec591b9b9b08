output "address" {
  description = "The name of the instance that writes."
  value       = aws_docdb_cluster.this.endpoint
}

output "port" {
  description = "The port of the cluster."
  value       = aws_docdb_cluster.this.port
}

output "cluster_identifier" {
  description = "The identifier of the cluster, as its metrics have it."
  value       = aws_docdb_cluster.this.cluster_identifier
}

output "master_secret_arn" {
  description = "The secret that DocumentDB keeps the password of the cluster's own user in."
  value       = aws_docdb_cluster.this.master_user_secret[0].secret_arn
}

output "login_secret_name" {
  description = "The name of the product service's secret."
  value       = aws_secretsmanager_secret.login.name
}

output "login_secret_arn" {
  description = "The ARN of the product service's secret."
  value       = aws_secretsmanager_secret.login.arn
}

output "owner_secret_name" {
  description = "The name of the secret of the product service's migrate."
  value       = aws_secretsmanager_secret.owner.name
}

output "owner_secret_arn" {
  description = "The ARN of the secret of the product service's migrate."
  value       = aws_secretsmanager_secret.owner.arn
}

output "instances" {
  description = "The instances, which the function that makes logins must wait for."
  value       = [for instance in aws_docdb_cluster_instance.this : instance.id]
}
