output "keyspace" {
  description = "The name of the keyspace."
  value       = aws_keyspaces_keyspace.this.name
}

output "tables" {
  description = "The names of the tables."
  value       = sort([for table in aws_keyspaces_table.this : table.table_name])
}

output "login_secret_name" {
  description = "The name of the secret that tells where the archive is."
  value       = aws_secretsmanager_secret.login.name

  # Whoever reads it looks for tables next: the functions wait for them, and `migrate` makes none twice.
  depends_on = [aws_keyspaces_table.this, aws_secretsmanager_secret_version.login]
}
