output "address" {
  description = "The one address of the shop; null where there is no domain."
  value       = var.domain != null ? "https://${var.domain}" : null

  depends_on = [aws_route53_record.domain]
}
