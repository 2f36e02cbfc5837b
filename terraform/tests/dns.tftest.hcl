mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  domain = "shop.example.com"
}

run "a_name_and_its_wildcard_share_one_record" {
  command = apply

  module {
    source = "./modules/dns"
  }

  variables {
    alternative_names = ["*.shop.example.com"]
  }

  assert {
    condition     = keys(aws_route53_record.validation) == ["shop.example.com"]
    error_message = "two records of one name would overwrite each other"
  }

  assert {
    condition     = aws_route53_record.validation["shop.example.com"].name == "_check.shop.example.com." && aws_route53_record.validation["shop.example.com"].zone_id == output.zone_id
    error_message = "ACM's record must stand in the zone"
  }

  assert {
    condition     = length(aws_acm_certificate_validation.this) == 1
    error_message = "by default the certificate is waited for"
  }
}

run "an_existing_zone_is_used" {
  command = apply

  module {
    source = "./modules/dns"
  }

  variables {
    zone_id             = "Z0123456789ABCDEFGHIJ"
    wait_for_validation = false
  }

  assert {
    condition     = length(aws_route53_zone.this) == 0 && output.zone_id == "Z0123456789ABCDEFGHIJ" && output.zone_arn == "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
    error_message = "no second zone may be made"
  }

  assert {
    condition     = length(output.name_servers) == 0 && length(aws_acm_certificate_validation.this) == 0
    error_message = "nothing is to be delegated, nothing is waited for"
  }
}

run "refuses_a_url" {
  command = plan

  module {
    source = "./modules/dns"
  }

  variables {
    domain = "https://shop.example.com/"
  }

  expect_failures = [var.domain]
}

run "refuses_a_zone_name_for_an_id" {
  command = plan

  module {
    source = "./modules/dns"
  }

  variables {
    zone_id = "example.com"
  }

  expect_failures = [var.zone_id]
}

run "refuses_a_wildcard_in_the_middle" {
  command = plan

  module {
    source = "./modules/dns"
  }

  variables {
    alternative_names = ["a.*.example.com"]
  }

  expect_failures = [var.alternative_names]
}
