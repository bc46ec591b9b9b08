output "address" {
  description = "Where customers find the shop, and the payment provider sends them back to."
  value       = "https://${coalesce(var.domain, aws_cloudfront_distribution.this.domain_name)}/"

  depends_on = [aws_route53_record.domain]
}
