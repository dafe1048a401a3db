"""Addresses of the register: entries, their addresses, lists in and out."""

from django.urls import URLPattern, path

from console.views import addresses, bad_addresses, imports, register, stakeholder

urlpatterns: list[URLPattern] = [
    path("stakeholders/", register.stakeholders, name="stakeholders"),
    path("stakeholders/new/", stakeholder.stakeholder_new, name="stakeholder_new"),
    path("stakeholders/export/", imports.export, name="register_export"),
    path("stakeholders/addresses/", bad_addresses.bad_addresses, name="bad_addresses"),
    path("stakeholders/imports/", imports.imports, name="imports"),
    path("stakeholders/imports/<str:public_id>/", imports.one_import, name="import"),
    path("stakeholders/imports/<str:public_id>/progress/", imports.progress, name="import_progress"),
    path("stakeholders/imports/<str:public_id>/faults/", imports.faults, name="import_faults"),
    path("stakeholders/<str:public_id>/", stakeholder.stakeholder, name="stakeholder"),
    path("addresses/<int:row>/", addresses.address, name="address"),
]
