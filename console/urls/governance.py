"""Addresses of review, release, register, templates, policy and archive."""

from django.urls import path

from console.views import archive, mapping, policy, register, release, review, templates

urlpatterns = [
    path("reviews/", review.queue, name="reviews"),
    path("updates/<str:update_id>/review/", review.review, name="review"),
    path("updates/<str:update_id>/release/", release.confirm, name="release"),
    path("releases/<str:release_id>/", release.progress, name="release_progress"),
    path("releases/<str:release_id>/progress/", release.progress_fragment, name="release_progress_fragment"),
    path("stakeholders/", register.stakeholders, name="stakeholders"),
    path("audiences/", register.audiences, name="audiences"),
    path("audiences/<slug:key>/scope/", register.scope, name="audience_scope"),
    path("templates/", templates.overview, name="templates"),
    path("templates/<str:template_id>/", templates.edit, name="template"),
    path("policy/", policy.policy, name="policy"),
    path("mapping/", mapping.mapping, name="mapping"),
    path("audit/", archive.entries, name="archive"),
]
