import { configurationJsonSchema, manifestJsonSchema, requestJsonSchema } from '../../src/config';

/** Paths of all properties, at any depth, that have no description. */
function undescribed(schema: unknown, path = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    if (key !== 'properties') return undescribed(value, path);
    return Object.entries(value as Record<string, { description?: string }>).flatMap(
      ([name, property]) => [
        ...(property.description ? [] : [`${path}.${name}`]),
        ...undescribed(property, `${path}.${name}`),
      ],
    );
  });
}

test.each([
  ['request', requestJsonSchema()],
  ['manifest', manifestJsonSchema()],
  ['configuration', configurationJsonSchema()],
])('every field of the %s has a description', (_, schema) => {
  expect(undescribed(schema)).toEqual([]);
  expect(JSON.stringify(schema)).toContain('"description"');
});

test('the request has all fields, also those not built yet', () => {
  expect(requestJsonSchema()).toMatchObject({
    required: ['requestId'],
    additionalProperties: false,
    anyOf: [{ required: ['existingAccountId'] }, { required: ['accountName', 'email'] }],
    properties: { alternateContacts: {}, regions: {}, conformance: { anyOf: [{}, {}] } },
  });
});

test('the configuration asks for nothing and shows its defaults', () => {
  const schema = configurationJsonSchema();
  expect(schema['required']).toBeUndefined();
  expect(schema).toMatchObject({
    properties: {
      creation: { properties: { overdueAfter: { type: 'string', default: '30m' } } },
      approval: { properties: { required: { default: false } } },
    },
  });
});

test("the manifest's defaults demand no field", () => {
  const schema = manifestJsonSchema() as { properties: { defaults: Record<string, unknown> } };
  expect(schema.properties.defaults['required']).toBeUndefined();
  expect(schema.properties.defaults['anyOf']).toBeUndefined();
});
