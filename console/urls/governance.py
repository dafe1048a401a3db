"""Addresses of review, release, register, templates, policy and archive."""

from django.urls import path

from console.views import (
    archive,
    holding,
    holding_release,
    mapping,
    register,
    release,
    review,
    review_acts,
    screening,
    template_rules,
    templates,
)

urlpatterns = [
    path("reviews/", review.queue, name="reviews"),
    path("updates/<str:update_id>/review/", review.review, name="review"),
    path("updates/<str:update_id>/claim/", review_acts.claim, name="review_claim"),
    path("updates/<str:update_id>/comment/", review_acts.comment, name="review_comment"),
    path("updates/<str:update_id>/release/", release.confirm, name="release"),
    path("releases/<str:release_id>/", release.progress, name="release_progress"),
    path("releases/<str:release_id>/progress/", release.progress_fragment, name="release_progress_fragment"),
    path("audiences/", register.audiences, name="audiences"),
    path("audiences/<slug:key>/scope/", register.scope, name="audience_scope"),
    path("templates/", templates.overview, name="templates"),
    path("templates/new/", templates.new, name="template_new"),
    path("templates/rules/", template_rules.rules, name="template_rules"),
    path("templates/unmapped/", template_rules.unmapped, name="template_unmapped"),
    path("templates/tester/", template_rules.tester, name="template_tester"),
    path("templates/<str:template_id>/", templates.edit, name="template"),
    path("holding/", holding.overview, name="holding"),
    path("holding/new/", holding.new, name="holding_new"),
    path("holding/<str:statement_id>/", holding.statement, name="holding_statement"),
    path("holding/<str:statement_id>/review/", holding.review, name="holding_review"),
    path("incidents/<slug:public_id>/holding/", holding_release.choose, name="holding_choose"),
    path("incidents/<slug:public_id>/holding/release/", holding_release.confirm, name="holding_release"),
    path("mapping/", mapping.mapping, name="mapping"),
    path("screening/", screening.screening, name="screening"),
    path("screening/test/", screening.test, name="screening_test"),
    path("audit/", archive.entries, name="archive"),
]
