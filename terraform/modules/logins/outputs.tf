output "made" {
  description = "What the last call made. Whoever needs a login waits for this."
  value       = aws_lambda_invocation.this.result
}
