# An HTTP API behind Ratchet's authorizer, with a function in Python: a state of its own, so that it can be changed and taken
# down without Ratchet's. Not tested.

variable "authorizer_arn" {
  description = "The output authorizer_arn of Ratchet's module."
  type        = string
}

data "aws_region" "here" {}

resource "aws_apigatewayv2_api" "orders" {
  name          = "orders"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.orders.id
  name        = "$default"
  auto_deploy = true
}

resource "aws_apigatewayv2_authorizer" "ratchet" {
  api_id                            = aws_apigatewayv2_api.orders.id
  name                              = "ratchet"
  authorizer_type                   = "REQUEST"
  authorizer_uri                    = "arn:aws:apigateway:${data.aws_region.here.name}:lambda:path/2015-03-31/functions/${var.authorizer_arn}/invocations"
  authorizer_payload_format_version = "2.0"
  enable_simple_responses           = true
  # A remembered answer outlives the token.
  authorizer_result_ttl_in_seconds = 0
  identity_sources                 = ["$request.header.Authorization"]
}

# For this API alone.
resource "aws_lambda_permission" "authorizer" {
  statement_id  = "orders-${aws_apigatewayv2_api.orders.id}"
  action        = "lambda:InvokeFunction"
  function_name = var.authorizer_arn
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.orders.execution_arn}/authorizers/${aws_apigatewayv2_authorizer.ratchet.id}"
}

resource "aws_apigatewayv2_integration" "list" {
  api_id                 = aws_apigatewayv2_api.orders.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.list.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "list" {
  api_id             = aws_apigatewayv2_api.orders.id
  route_key          = "GET /orders"
  target             = "integrations/${aws_apigatewayv2_integration.list.id}"
  authorization_type = "CUSTOM"
  authorizer_id      = aws_apigatewayv2_authorizer.ratchet.id
}

data "archive_file" "list" {
  type        = "zip"
  source_file = "${path.module}/index.py"
  output_path = "${path.module}/.terraform/index.zip"
}

data "aws_iam_policy_document" "lambda" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "list" {
  name_prefix        = "orders-"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

resource "aws_iam_role_policy_attachment" "logs" {
  role       = aws_iam_role.list.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_lambda_function" "list" {
  function_name    = "orders"
  role             = aws_iam_role.list.arn
  runtime          = "python3.13"
  handler          = "index.handler"
  filename         = data.archive_file.list.output_path
  source_code_hash = data.archive_file.list.output_base64sha256
}

resource "aws_lambda_permission" "list" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.list.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.orders.execution_arn}/*"
}

output "url" {
  value = "${aws_apigatewayv2_api.orders.api_endpoint}/orders"
}
