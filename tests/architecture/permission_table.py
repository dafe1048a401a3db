"""Who may read what is behind each address. A new address needs a row here, or `test_permissions` fails."""

from typing import Final

from accounts.rules.roles import Permission

ANYONE: Final = "anyone"
SIGNED_IN: Final = "signed in"
# Lists that leave out what the asker may not see: for the outsider they are empty, which `test_permissions` checks.
WHAT_ONE_MAY_SEE: Final = "signed in, filtered"
A_HOOKS_TOKEN: Final = "a hook's token"

# Route, as the resolver spells it -> what reading it takes. Who may not read may not write either.
TABLE: dict[str, Permission | str] = {
    "": ANYONE,
    "healthz": ANYONE,
    "readyz": ANYONE,
    "accounts/login/": ANYONE,
    "accounts/logout/": ANYONE,
    "accounts/inactive/": ANYONE,
    "accounts/reauthenticate/": SIGNED_IN,
    "unsubscribe/<str:token>/": ANYONE,
    "hooks/alertmanager/": A_HOOKS_TOKEN,
    "api/schema/": ANYONE,
    "api/docs/": ANYONE,
    "^api/": ANYONE,
    "api/v1/me/": SIGNED_IN,
    "api/v1/me/tokens/": SIGNED_IN,
    "api/v1/me/tokens/<str:token_id>/": SIGNED_IN,
    "api/v1/audit/entries/": Permission.AUDIT_READ,
    "api/v1/audit/entries/<int:index>/": Permission.AUDIT_READ,
    "api/v1/components/": Permission.CATALOGUE_READ,
    "api/v1/components/<str:public_id>/": Permission.CATALOGUE_READ,
    "api/v1/stakeholders/": Permission.STAKEHOLDER_READ,
    "api/v1/stakeholders/<str:public_id>/": Permission.STAKEHOLDER_READ,
    "api/v1/audiences/": Permission.STAKEHOLDER_READ,
    "api/v1/audiences/<str:public_id>/": Permission.STAKEHOLDER_READ,
    "api/v1/policies/": Permission.POLICY_READ,
    "api/v1/policies/active/": Permission.POLICY_READ,
    "api/v1/policies/<int:number>/": Permission.POLICY_READ,
    "api/v1/templates/": Permission.TEMPLATE_READ,
    "api/v1/templates/<str:public_id>/": Permission.TEMPLATE_READ,
    "api/v1/incidents/": WHAT_ONE_MAY_SEE,
    "api/v1/incidents/<str:public_id>/": Permission.INCIDENT_READ,
    "api/v1/incidents/<str:public_id>/access/": Permission.INCIDENT_READ,
    "api/v1/incidents/<str:public_id>/timeline/": Permission.INCIDENT_READ,
    "api/v1/updates/": WHAT_ONE_MAY_SEE,
    "api/v1/updates/<str:public_id>/": Permission.INCIDENT_READ,
    "api/v1/updates/<str:public_id>/request-review/": Permission.UPDATE_WRITE,
    "api/v1/updates/<str:public_id>/reviews/": Permission.INCIDENT_READ,
    "api/v1/updates/<str:public_id>/release/": Permission.UPDATE_RELEASE,
    "api/v1/releases/": WHAT_ONE_MAY_SEE,
    "api/v1/releases/<str:public_id>/": Permission.INCIDENT_READ,
    "console/": WHAT_ONE_MAY_SEE,
    "console/incidents/": WHAT_ONE_MAY_SEE,
    "console/incidents/new/": Permission.INCIDENT_WRITE,
    "console/incidents/<slug:public_id>/": Permission.INCIDENT_READ,
    "console/incidents/<slug:public_id>/change/": Permission.INCIDENT_WRITE,
    "console/incidents/<slug:public_id>/access/": Permission.INCIDENT_RESTRICT,
    "console/incidents/<slug:public_id>/note/": Permission.INCIDENT_WRITE,
    "console/incidents/<slug:public_id>/updates/": Permission.UPDATE_WRITE,
    "console/updates/<slug:public_id>/edit/": Permission.INCIDENT_READ,
    "console/updates/<slug:public_id>/save/": Permission.UPDATE_WRITE,
    "console/updates/<slug:public_id>/preview/": Permission.INCIDENT_READ,
    "console/updates/<str:update_id>/review/": Permission.INCIDENT_READ,
    "console/updates/<str:update_id>/release/": Permission.INCIDENT_READ,
    "console/releases/<str:release_id>/": Permission.INCIDENT_READ,
    "console/releases/<str:release_id>/progress/": Permission.INCIDENT_READ,
    "console/reviews/": WHAT_ONE_MAY_SEE,
    "console/search/": WHAT_ONE_MAY_SEE,
    "console/kit/": SIGNED_IN,
    "console/stakeholders/": Permission.STAKEHOLDER_READ,
    "console/audiences/": Permission.STAKEHOLDER_READ,
    "console/templates/": Permission.TEMPLATE_READ,
    "console/templates/<str:template_id>/": Permission.TEMPLATE_READ,
    "console/policy/": Permission.POLICY_READ,
    "console/mapping/": Permission.POLICY_READ,
    "console/audit/": Permission.AUDIT_READ,
}
