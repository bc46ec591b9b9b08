output "identity" {
  description = "What is verified: the sender's domain, or the address alone."
  value       = aws_sesv2_email_identity.this.email_identity
}
