// Written by scripts/embed-openapi from docs/openapi.yaml.

/// The description of the API (OpenAPI 3.1).
package enum OpenAPIDocument {
    /// The document as YAML.
    package static let yaml = #"""
        openapi: 3.1.0
        info:
          title: The shop
          version: 1.0.0
          description: |
            Products, carts and orders. Money is in minor units of its currency. Times are RFC 3339 in UTC. Errors are
            RFC 9457 problems with a stable `type`; where input is wrong, `errors` names every field at once.
        servers:
          - url: http://127.0.0.1:8080
        tags:
          - name: catalogue
          - name: carts
          - name: orders
          - name: payments
            description: The stand-in payment provider.
        paths:
          /api/products:
            get:
              operationId: list-products
              tags: [catalogue]
              summary: A page of the products.
              parameters:
                - name: category
                  in: query
                  description: Only products of this category. Upper and lower case do not matter.
                  schema: { type: string, maxLength: 100, pattern: '^[^\u0000-\u001F\u007F-\u009F]*$' }
                - name: sort
                  in: query
                  schema: { type: string, enum: [name, price, '-price'], default: name }
                - $ref: '#/components/parameters/page'
                - $ref: '#/components/parameters/size'
              responses:
                '200': { $ref: '#/components/responses/ProductPage' }
                '422': { $ref: '#/components/responses/Invalid' }
                default: { $ref: '#/components/responses/Unavailable' }
          /api/products/search:
            get:
              operationId: search-products
              tags: [catalogue]
              summary: The products that words find, best match first.
              description: Words and beginnings of words; accents and case do not matter; every word must be found.
              parameters:
                - name: q
                  in: query
                  required: true
                  description: What to look for; at least one letter or digit.
                  schema: { type: string, minLength: 1, maxLength: 200, pattern: '^[^\u0000-\u001F\u007F-\u009F]*[A-Za-z0-9][^\u0000-\u001F\u007F-\u009F]*$' }
                - $ref: '#/components/parameters/page'
                - $ref: '#/components/parameters/size'
              responses:
                '200': { $ref: '#/components/responses/ProductPage' }
                '422': { $ref: '#/components/responses/Invalid' }
                default: { $ref: '#/components/responses/Unavailable' }
          /api/products/{product}:
            get:
              operationId: get-product
              tags: [catalogue]
              summary: One product with its stock.
              parameters:
                - $ref: '#/components/parameters/product'
                - name: If-None-Match
                  in: header
                  schema: { type: string }
              responses:
                '200':
                  description: The product.
                  headers:
                    ETag: { schema: { type: string } }
                  content:
                    application/json:
                      schema: { $ref: '#/components/schemas/Product' }
                '304': { description: The client has it already. }
                '404': { $ref: '#/components/responses/NotFound' }
                default: { $ref: '#/components/responses/Unavailable' }
          /api/carts/{cart}:
            parameters:
              - $ref: '#/components/parameters/cart'
            get:
              operationId: get-cart
              tags: [carts]
              summary: A cart; an unknown one is empty.
              responses:
                '200': { $ref: '#/components/responses/Cart' }
                '422': { $ref: '#/components/responses/Invalid' }
                default: { $ref: '#/components/responses/Unavailable' }
            delete:
              operationId: empty-cart
              tags: [carts]
              summary: Removes everything.
              responses:
                '204': { description: The cart is empty. }
                '422': { $ref: '#/components/responses/Invalid' }
                default: { $ref: '#/components/responses/Unavailable' }
          /api/carts/{cart}/items:
            parameters:
              - $ref: '#/components/parameters/cart'
            post:
              operationId: add-to-cart
              tags: [carts]
              summary: Adds pieces of a product; concurrent adds all count.
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      type: object
                      additionalProperties: false
                      required: [productId, quantity]
                      properties:
                        productId: { type: string, minLength: 1, maxLength: 64, examples: [walnut-pen] }
                        quantity: { type: integer, minimum: 1, maximum: 99, description: A cart holds up to 999 pieces of a product. }
              responses:
                '200':
                  description: The cart as it is now.
                  content:
                    application/json:
                      schema: { $ref: '#/components/schemas/Cart' }
                  links:
                    checkout:
                      operationId: place-order
                      requestBody:
                        cartId: $response.body#/id
                        email: jane@example.com
                        shippingAddress: { name: Jane Doe, line1: 1 Main Street, city: Portland, region: OR, postalCode: '97201', country: US }
                        payment: { cardNumber: '4242424242424242', expiryMonth: 12, expiryYear: 2035, cvv: '123' }
                '400': { $ref: '#/components/responses/Malformed' }
                '404': { $ref: '#/components/responses/NotFound' }
                '413': { $ref: '#/components/responses/TooLarge' }
                '415': { $ref: '#/components/responses/WrongType' }
                '422': { $ref: '#/components/responses/Invalid' }
                default: { $ref: '#/components/responses/Unavailable' }
          /api/carts/{cart}/items/{product}:
            parameters:
              - $ref: '#/components/parameters/cart'
              - $ref: '#/components/parameters/product'
            put:
              operationId: set-cart-item
              tags: [carts]
              summary: Sets the pieces of a product; 0 removes it.
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      type: object
                      additionalProperties: false
                      required: [quantity]
                      properties:
                        quantity: { type: integer, minimum: 0, maximum: 99 }
              responses:
                '200': { $ref: '#/components/responses/Cart' }
                '400': { $ref: '#/components/responses/Malformed' }
                '404': { $ref: '#/components/responses/NotFound' }
                '413': { $ref: '#/components/responses/TooLarge' }
                '415': { $ref: '#/components/responses/WrongType' }
                '422': { $ref: '#/components/responses/Invalid' }
                default: { $ref: '#/components/responses/Unavailable' }
            delete:
              operationId: remove-cart-item
              tags: [carts]
              summary: Removes a product, also one that is not there.
              responses:
                '204': { description: The product is not in the cart. }
                '422': { $ref: '#/components/responses/Invalid' }
                default: { $ref: '#/components/responses/Unavailable' }
          /api/carts/{cart}/merge:
            parameters:
              - $ref: '#/components/parameters/cart'
            post:
              operationId: merge-carts
              tags: [carts]
              summary: Moves another cart's lines into this one; repeated, it adds nothing.
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      type: object
                      additionalProperties: false
                      required: [from]
                      properties:
                        from: { $ref: '#/components/schemas/CartId' }
              responses:
                '200': { $ref: '#/components/responses/Cart' }
                '400': { $ref: '#/components/responses/Malformed' }
                '413': { $ref: '#/components/responses/TooLarge' }
                '415': { $ref: '#/components/responses/WrongType' }
                '422': { $ref: '#/components/responses/Invalid' }
                default: { $ref: '#/components/responses/Unavailable' }
          /api/checkout:
            post:
              operationId: place-order
              tags: [orders]
              summary: Places an order for a cart, once for each key.
              parameters:
                - $ref: '#/components/parameters/key'
              requestBody:
                required: true
                content:
                  application/json:
                    schema: { $ref: '#/components/schemas/CheckoutRequest' }
                    examples:
                      order:
                        value:
                          cartId: my-cart
                          email: jane@example.com
                          shippingAddress: { name: Jane Doe, line1: 1 Main Street, city: Portland, region: OR, postalCode: '97201', country: US }
                          payment: { cardNumber: '4242424242424242', expiryMonth: 12, expiryYear: 2035, cvv: '123' }
              responses:
                '201':
                  description: The order is placed; the same answer for every request with the key.
                  headers:
                    Location: { schema: { type: string } }
                  links:
                    order:
                      operationId: get-order
                      parameters: { order: $response.body#/id }
                    payment:
                      operationId: get-payment
                      parameters: { payment: $response.body#/id }
                  content:
                    application/json:
                      schema: { $ref: '#/components/schemas/Order' }
                '400': { $ref: '#/components/responses/Malformed' }
                '402':
                  description: The card was declined.
                  content:
                    application/problem+json:
                      schema: { $ref: '#/components/schemas/Problem' }
                '409':
                  description: |
                    The cart is empty (`cart-empty`); it or a price in it is not what the customer saw (`cart-changed`); there are
                    not enough pieces (`not-enough-stock`, naming the lines); the key was used with another body (`key-reused`).
                  content:
                    application/problem+json:
                      schema: { $ref: '#/components/schemas/Problem' }
                '413': { $ref: '#/components/responses/TooLarge' }
                '415': { $ref: '#/components/responses/WrongType' }
                '422': { $ref: '#/components/responses/Invalid' }
                default: { $ref: '#/components/responses/Unavailable' }
          /api/orders/{order}:
            get:
              operationId: get-order
              tags: [orders]
              summary: An order, to whoever knows its id.
              parameters:
                - name: order
                  in: path
                  required: true
                  schema: { type: string, minLength: 1, maxLength: 64 }
              responses:
                '200':
                  description: The order.
                  content:
                    application/json:
                      schema: { $ref: '#/components/schemas/Order' }
                '404': { $ref: '#/components/responses/NotFound' }
                default: { $ref: '#/components/responses/Unavailable' }
          /api/payments:
            post:
              operationId: charge
              tags: [payments]
              summary: Charges a card, once for each key.
              parameters:
                - $ref: '#/components/parameters/key'
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      type: object
                      additionalProperties: false
                      required: [amount, payment]
                      properties:
                        amount:
                          type: object
                          additionalProperties: false
                          required: [currency, amount]
                          properties:
                            currency: { type: string, pattern: '^[A-Z]{3}$' }
                            amount: { type: integer, minimum: 1, maximum: 100000000 }
                        payment: { $ref: '#/components/schemas/Card' }
                    examples:
                      charge:
                        value:
                          amount: { currency: USD, amount: 1299 }
                          payment: { cardNumber: '4242424242424242', expiryMonth: 12, expiryYear: 2035, cvv: '123' }
              responses:
                '200': { $ref: '#/components/responses/Payment' }
                '400': { $ref: '#/components/responses/Malformed' }
                '402':
                  description: The card was declined.
                  content:
                    application/problem+json:
                      schema: { $ref: '#/components/schemas/Problem' }
                '409':
                  description: The payment was voided, or the key was used with another amount.
                  content:
                    application/problem+json:
                      schema: { $ref: '#/components/schemas/Problem' }
                '413': { $ref: '#/components/responses/TooLarge' }
                '415': { $ref: '#/components/responses/WrongType' }
                '422': { $ref: '#/components/responses/Invalid' }
                default: { $ref: '#/components/responses/Unavailable' }
          /api/payments/{payment}:
            parameters:
              - name: payment
                in: path
                required: true
                description: The key it was charged with.
                schema: { type: string, minLength: 1, maxLength: 128, pattern: '^[!-~]+$' }
            get:
              operationId: get-payment
              tags: [payments]
              summary: How a payment stands.
              responses:
                '200': { $ref: '#/components/responses/Payment' }
                '404': { $ref: '#/components/responses/NotFound' }
                '422': { $ref: '#/components/responses/Invalid' }
                default: { $ref: '#/components/responses/Unavailable' }
            delete:
              operationId: void-payment
              tags: [payments]
              summary: Gives the money back, or bars the key from ever being charged.
              description: For the shop alone, which shares a secret with its provider.
              security: [{ providerSecret: [] }]
              responses:
                '200': { $ref: '#/components/responses/Payment' }
                '401':
                  description: The secret is missing or wrong.
                  headers:
                    WWW-Authenticate: { schema: { type: string } }
                  content:
                    application/problem+json:
                      schema: { $ref: '#/components/schemas/Problem' }
                '422': { $ref: '#/components/responses/Invalid' }
                default: { $ref: '#/components/responses/Unavailable' }
          /api/openapi.yaml:
            get:
              operationId: get-openapi
              tags: [catalogue]
              summary: This document.
              responses:
                '200':
                  description: The document.
                  content:
                    application/yaml:
                      schema: { type: object }
                default: { $ref: '#/components/responses/Unavailable' }
        components:
          securitySchemes:
            providerSecret: { type: http, scheme: bearer, description: The value of PAYMENT_SECRET. }
          parameters:
            page:
              name: page
              in: query
              schema: { type: integer, minimum: 1, maximum: 1000000, default: 1 }
            size:
              name: size
              in: query
              schema: { type: integer, minimum: 1, maximum: 100, default: 20 }
            product:
              name: product
              in: path
              required: true
              schema: { type: string, minLength: 1, maxLength: 64, examples: [walnut-pen] }
            cart:
              name: cart
              in: path
              required: true
              schema: { $ref: '#/components/schemas/CartId' }
            key:
              name: Idempotency-Key
              in: header
              required: true
              description: Tells this request from all others, for example a UUID. Repeat it with the same key and body.
              schema: { type: string, minLength: 1, maxLength: 128, pattern: '^[!-~]+$' }
          responses:
            ProductPage:
              description: The page.
              content:
                application/json:
                  schema:
                    type: object
                    required: [products, page, size, total]
                    additionalProperties: false
                    properties:
                      products: { type: array, items: { $ref: '#/components/schemas/Product' } }
                      page: { type: integer, minimum: 1 }
                      size: { type: integer, minimum: 1, maximum: 100 }
                      total: { type: integer, minimum: 0 }
            Cart:
              description: The cart as it is now.
              content:
                application/json:
                  schema: { $ref: '#/components/schemas/Cart' }
            Payment:
              description: The payment.
              content:
                application/json:
                  schema:
                    type: object
                    required: [id, status, amount, brand, last4, reference]
                    additionalProperties: false
                    properties:
                      id: { type: string }
                      status: { type: string, enum: [charged, declined, refunded, voided] }
                      amount: { $ref: '#/components/schemas/Money' }
                      brand: { type: string }
                      last4: { type: string }
                      reference: { type: string }
            Malformed:
              description: The request cannot be understood, or its key is missing.
              content:
                application/problem+json:
                  schema: { $ref: '#/components/schemas/Problem' }
            NotFound:
              description: There is no such thing.
              content:
                application/problem+json:
                  schema: { $ref: '#/components/schemas/Problem' }
            TooLarge:
              description: The body is too large.
              content:
                application/problem+json:
                  schema: { $ref: '#/components/schemas/Problem' }
            WrongType:
              description: The body is no JSON.
              content:
                application/problem+json:
                  schema: { $ref: '#/components/schemas/Problem' }
            Invalid:
              description: Fields are wrong; each is named.
              content:
                application/problem+json:
                  schema: { $ref: '#/components/schemas/Problem' }
            Unavailable:
              description: Not now, or not at all. `Retry-After` says when to try again, if that makes sense.
              content:
                application/problem+json:
                  schema: { $ref: '#/components/schemas/Problem' }
          schemas:
            CartId: { type: string, pattern: '^[A-Za-z0-9_-]{1,64}$' }
            Money:
              type: object
              required: [currency, amount]
              additionalProperties: false
              properties:
                currency: { type: string, examples: [USD] }
                amount: { type: integer, description: In minor units. }
            Product:
              type: object
              required: [id, name, description, categories, picture, price, stock]
              additionalProperties: false
              properties:
                id: { type: string }
                name: { type: string }
                description: { type: string }
                categories: { type: array, items: { type: string } }
                picture: { type: string }
                price: { $ref: '#/components/schemas/Money' }
                stock: { type: integer, minimum: 0 }
            Cart:
              type: object
              required: [id, items, total, version]
              additionalProperties: false
              properties:
                id: { $ref: '#/components/schemas/CartId' }
                items: { type: array, maxItems: 100, items: { $ref: '#/components/schemas/Line' } }
                total: { $ref: '#/components/schemas/Money' }
                version: { type: string, description: Changes with the items and their prices. }
            Line:
              type: object
              required: [productId, name, quantity, unitPrice, total]
              additionalProperties: false
              properties:
                productId: { type: string }
                name: { type: string }
                quantity: { type: integer, minimum: 1 }
                unitPrice: { $ref: '#/components/schemas/Money' }
                total: { $ref: '#/components/schemas/Money' }
            Card:
              type: object
              additionalProperties: false
              required: [cardNumber, expiryMonth, expiryYear, cvv]
              properties:
                cardNumber: { type: string, minLength: 1, maxLength: 40, examples: ['4242424242424242'] }
                expiryMonth: { type: integer, minimum: 1, maximum: 12 }
                expiryYear: { type: integer, minimum: 2000, maximum: 2099 }
                cvv: { type: string, pattern: '^[0-9]{3,4}$' }
            CheckoutRequest:
              type: object
              additionalProperties: false
              required: [cartId, email, shippingAddress, payment]
              properties:
                cartId: { $ref: '#/components/schemas/CartId' }
                cartVersion:
                  type: [string, 'null']
                  maxLength: 64
                  description: The version the customer saw; 409 if the cart or a price in it has changed since.
                email: { type: string, minLength: 3, maxLength: 254, examples: [jane@example.com] }
                shippingAddress:
                  type: object
                  additionalProperties: false
                  required: [name, line1, city, postalCode, country]
                  properties:
                    name: { type: string, minLength: 1, maxLength: 100 }
                    line1: { type: string, minLength: 1, maxLength: 100 }
                    line2: { type: [string, 'null'], maxLength: 100 }
                    city: { type: string, minLength: 1, maxLength: 100 }
                    region: { type: [string, 'null'], maxLength: 64, description: Needed for US and CA. }
                    postalCode: { type: string, minLength: 2, maxLength: 12 }
                    country: { type: string, pattern: '^[A-Z]{2}$' }
                payment: { $ref: '#/components/schemas/Card' }
            Order:
              type: object
              required: [id, status, lines, subtotal, shipping, tax, total, email, payment]
              additionalProperties: false
              properties:
                id: { type: string }
                status: { type: string, enum: [pending, placed, declined, cancelled] }
                lines: { type: array, items: { $ref: '#/components/schemas/Line' } }
                subtotal: { $ref: '#/components/schemas/Money' }
                shipping: { $ref: '#/components/schemas/Money' }
                tax: { $ref: '#/components/schemas/Money' }
                total: { $ref: '#/components/schemas/Money' }
                placedAt: { type: string, format: date-time, description: Missing while it is not placed. }
                email: { type: string, description: 'Masked: j***@example.com.' }
                payment:
                  type: object
                  required: [last4, brand]
                  additionalProperties: false
                  properties:
                    last4: { type: string, pattern: '^[0-9]{4}$' }
                    brand: { type: string }
                    reference: { type: string }
            Problem:
              type: object
              required: [type, title, status]
              properties:
                type: { type: string, description: Names the kind of problem and never changes. }
                title: { type: string }
                status: { type: integer, minimum: 400, maximum: 599 }
                detail: { type: string }
                errors:
                  type: array
                  description: Everything that is wrong with the input.
                  items:
                    type: object
                    required: [detail]
                    properties:
                      field: { type: string }
                      in: { type: string, enum: [body, query, path, header] }
                      pointer: { type: string }
                      detail: { type: string }
                lines:
                  type: array
                  description: What there is not enough of.
                  items:
                    type: object
                    required: [productId, name, requested, available]
                    properties:
                      productId: { type: string }
                      name: { type: string }
                      requested: { type: integer }
                      available: { type: integer }
                cartVersion: { type: string }
                order: { type: string }
        """#
}
