resource "aws_cognito_user_pool" "this" {
  name                     = var.name
  alias_attributes         = ["email"]
  auto_verified_attributes = ["email"]
  deletion_protection      = var.protected ? "ACTIVE" : "INACTIVE"

  # All that the shop needs, at a third of the price of a new pool's plan: docs/cost.md.
  user_pool_tier = "LITE"

  username_configuration {
    case_sensitive = false
  }

  password_policy {
    minimum_length                   = 12
    require_lowercase                = true
    require_uppercase                = true
    require_numbers                  = true
    require_symbols                  = false
    temporary_password_validity_days = 7
  }

  # Whoever wants a second factor has one, by an app: no mail or text message that can be caught.
  mfa_configuration = "OPTIONAL"

  software_token_mfa_configuration {
    enabled = true
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }

  # A changed address is not the customer's until the customer has confirmed it.
  user_attribute_update_settings {
    attributes_require_verification_before_update = ["email"]
  }
}

# For apps in a customer's hands, which can keep no secret.
resource "aws_cognito_user_pool_client" "this" {
  name         = var.name
  user_pool_id = aws_cognito_user_pool.this.id

  generate_secret               = false
  explicit_auth_flows           = ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]
  prevent_user_existence_errors = "ENABLED"
  enable_token_revocation       = true

  id_token_validity      = 60
  access_token_validity  = 60
  refresh_token_validity = 30

  token_validity_units {
    id_token      = "minutes"
    access_token  = "minutes"
    refresh_token = "days"
  }

  allowed_oauth_flows_user_pool_client = var.domain_prefix != null
  allowed_oauth_flows                  = var.domain_prefix != null ? ["code"] : null
  allowed_oauth_scopes                 = var.domain_prefix != null ? ["email", "openid", "profile"] : null
  callback_urls                        = var.domain_prefix != null ? var.callback_urls : null
  supported_identity_providers         = ["COGNITO"]

  # A customer may change the name and the mail address, and nothing that Cognito decides.
  write_attributes = ["email", "name"]

  lifecycle {
    precondition {
      condition     = var.domain_prefix == null || length(var.callback_urls) > 0
      error_message = "Sign-in pages need an address to send the customer back to: set callback_urls."
    }
  }
}

resource "aws_cognito_user_group" "operators" {
  name         = "operators"
  description  = "May mark an order as delivered"
  user_pool_id = aws_cognito_user_pool.this.id
}

resource "aws_cognito_user_pool_domain" "this" {
  count = var.domain_prefix != null ? 1 : 0

  domain       = var.domain_prefix
  user_pool_id = aws_cognito_user_pool.this.id
}
