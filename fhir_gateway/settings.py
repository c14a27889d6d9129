"""Settings, from environment variables with the prefix `PHB_`; the README lists them with their defaults."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

FHIR_PATH = "/fhir"


class Settings(BaseSettings):
    """Everything a deployment may choose. Times in seconds, sizes in bytes."""

    model_config = SettingsConfigDict(env_prefix="PHB_", frozen=True, extra="ignore")

    database_url: str = "sqlite:///phb-gateway.db"
    base_url: Annotated[str, Field(description="scheme, host and port clients use; no path")] = "http://127.0.0.1:8000"
    secret_file: Annotated[Path, Field(description="key-encryption key; made at first start")] = Path("phb-gateway.key")
    audit_key_file: Annotated[Path, Field(description="seals the audit; made at first start")] = Path("phb-audit.key")
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    proxies: Annotated[str, Field(description="addresses whose X-Forwarded-For is believed, by commas")] = "127.0.0.1"
    threads: Annotated[int, Field(ge=1, le=64, description="threads, and so database connections, of each worker")] = 8
    concurrency: Annotated[int, Field(ge=1, description="requests under way in a worker before 503")] = 512
    client_concurrency: Annotated[int, Field(ge=1, description="requests of one token under way before 429")] = 64
    body_timeout: Annotated[float, Field(gt=0, description="time a client has to send a request body")] = 10.0
    token_lifetime: Annotated[int, Field(ge=30, le=300, description="life of an access token")] = 300
    person_token_lifetime: Annotated[int, Field(ge=60, le=3600, description="the same, of what a person granted")] = 600
    brand_name: Annotated[str, Field(description="whose gateway it is, as apps and pages name it")] = "PHB gateway"
    brand_website: Annotated[str | None, Field(description="address of that body's own pages")] = None
    brand_identifier: Annotated[str | None, Field(description="URI that names that body; the base URL if unset")] = None
    issuers_file: Annotated[Path | None, Field(description="other issuers that log people in; docs/issuers.md")] = None
    patient_app: Annotated[str, Field(description="client served as the patient app at /app/; empty for none")] = ""
    audit_reads: Annotated[bool, Field(description="write an audit row for every read before it is answered")] = True
    strict_search: Annotated[bool, Field(description="refuse unknown search parameters")] = True
    clock: Annotated[bool, Field(description="do each hour what is due by the day: payments, transfers")] = True
    allow_loopback_jwks: Annotated[bool, Field(description="client key sets from http on loopback; for tests")] = False
    log_level: str = "INFO"

    @field_validator("base_url")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @property
    def fhir_base(self) -> str:
        """The FHIR base address, as in every link and in the `aud` of SMART."""
        return self.base_url + FHIR_PATH
