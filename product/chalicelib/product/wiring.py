"""Which adapter stands behind each port of the product service."""

from functools import cached_property

from chalicelib.product import use_cases
from chalicelib.product.settings import ProductSettings

from common.aws.services.inventory import InventoryService
from common.aws.services.suggestions import SuggestionsService
from common.aws.wiring import TokensWiring
from common.ports.products import ProductRepository
from common.ports.services.inventory import Inventory
from common.ports.suggestions import BoughtTogether
from common.repositories.mongo.database import Login, MongoDatabase, OwnerMongoDatabase
from common.repositories.mongo.products import MongoProducts
from common.secrets import login_from
from common.settings import load


class ProductWiring(TokensWiring):
    @cached_property
    def settings(self) -> ProductSettings:
        return load(ProductSettings)

    @cached_property
    def database(self) -> MongoDatabase:
        return MongoDatabase(login_from(self.secrets, self.settings.catalog_secret, Login))

    @cached_property
    def owner_database(self) -> OwnerMongoDatabase:
        return OwnerMongoDatabase(login_from(self.secrets, self.settings.catalog_owner_secret, Login))

    @cached_property
    def products(self) -> ProductRepository:
        return MongoProducts(self.database)

    @cached_property
    def inventory(self) -> Inventory:
        return InventoryService(self.functions)

    @cached_property
    def orders(self) -> BoughtTogether:
        return SuggestionsService(self.functions)

    @cached_property
    def list_categories(self) -> use_cases.ListCategories:
        return use_cases.ListCategories(self.products)

    @cached_property
    def list_products(self) -> use_cases.ListProducts:
        return use_cases.ListProducts(self.products)

    @cached_property
    def describe_product(self) -> use_cases.DescribeProduct:
        return use_cases.DescribeProduct(self.products, self.inventory)

    @cached_property
    def suggest_products(self) -> use_cases.SuggestProducts:
        return use_cases.SuggestProducts(self.products, self.orders)
