/** The tenant that is the platform itself. It owns what every tenant shares (migrations: app.platform_tenant_id). */
export const PLATFORM_TENANT_ID = '00000000-0000-7000-8000-000000000001';
