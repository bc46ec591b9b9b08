locals {
  domain   = split("@", var.sender)[1]
  identity = var.zone_id == null ? var.sender : local.domain
}

resource "aws_sesv2_email_identity" "this" {
  email_identity = local.identity

  # An address has no records of its own, and no keys either.
  dynamic "dkim_signing_attributes" {
    for_each = var.zone_id == null ? [] : ["RSA_2048_BIT"]

    content {
      next_signing_key_length = dkim_signing_attributes.value
    }
  }
}

# By these three records receivers know that the mail is ours.
resource "aws_route53_record" "dkim" {
  count = var.zone_id == null ? 0 : 3

  zone_id = var.zone_id
  name    = "${aws_sesv2_email_identity.this.dkim_signing_attributes[0].tokens[count.index]}._domainkey.${local.domain}"
  type    = "CNAME"
  ttl     = 600
  records = ["${aws_sesv2_email_identity.this.dkim_signing_attributes[0].tokens[count.index]}.dkim.amazonses.com"]
}

# With the headers: one of them names the order that the mail is about.
resource "aws_ses_identity_notification_topic" "this" {
  for_each = toset(["Bounce", "Complaint"])

  identity                 = aws_sesv2_email_identity.this.email_identity
  notification_type        = each.key
  topic_arn                = var.events_topic_arn
  include_original_headers = true
}
