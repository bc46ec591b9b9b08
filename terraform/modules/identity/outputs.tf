output "user_pool_id" {
  description = "The id of the pool."
  value       = aws_cognito_user_pool.this.id
}

output "user_pool_arn" {
  description = "The ARN of the pool, which API Gateway's authorizers ask for."
  value       = aws_cognito_user_pool.this.arn
}

output "client_id" {
  description = "The id of the client, the `aud` of an id token."
  value       = aws_cognito_user_pool_client.this.id
}

output "issuer" {
  description = "The `iss` of the pool's tokens."
  value       = "https://cognito-idp.${var.region}.amazonaws.com/${aws_cognito_user_pool.this.id}"
}

output "keys_url" {
  description = "Where the pool's public keys are."
  value       = "https://cognito-idp.${var.region}.amazonaws.com/${aws_cognito_user_pool.this.id}/.well-known/jwks.json"
}
