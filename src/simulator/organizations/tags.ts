import { TAGS_PER_RESOURCE } from '../limits';
import { AwsError, constraintViolation } from '../wire/errors';
import { operation } from '../wire/operation';
import { changeAccount, findOrganizationalUnit, type Tags, type World } from '../world';
import { visibleAccount } from './accounts';
import { listPage } from './list-page';
import * as schemas from './schemas';
import { isStaleRead, readAccount } from './stale-reads';

interface Tagged {
  /** Stale: as a copy that is behind may have them. */
  read(stale: boolean): Tags;
  write(tags: Tags): void;
}

export const listTagsForResource = operation(schemas.resourceInput, (world, input) => {
  const tags = Object.entries(taggedResource(world, input.ResourceId).read(isStaleRead(world)));
  const items = tags.map(([Key, Value], index) => ({ sequence: index + 1, Key, Value }));
  const list = `ListTagsForResource?${input.ResourceId}`;
  return listPage(world, items, { ...input, list }, 'Tags', ({ Key, Value }) => ({ Key, Value }));
});

/** All or nothing; equal keys are overwritten, so that a repeat changes nothing. */
export const tagResource = operation(schemas.tagResourceInput, (world, input, call) => {
  const resource = taggedResource(world, input.ResourceId);
  const tags = {
    ...resource.read(false),
    ...Object.fromEntries(input.Tags.map(({ Key, Value }) => [Key, Value])),
  };
  if (Object.keys(tags).length > TAGS_PER_RESOURCE) {
    throw constraintViolation('MAX_TAG_LIMIT_EXCEEDED', 'You have exceeded the number of tags.');
  }
  resource.write(tags);
  call.entry.committed = true;
  return {};
});

function taggedResource(world: World, id: string): Tagged {
  const account = visibleAccount(world, id);
  if (account) {
    return {
      read: (stale) => (stale ? readAccount(world, account, true) : account).tags,
      write: (tags) => changeAccount(world, account, { tags }),
    };
  }
  const unit = findOrganizationalUnit(world, id);
  const { organization } = world.data;
  if (!unit && id !== organization.rootId) {
    throw new AwsError(
      'TargetNotFoundException',
      "We can't find a root, OU, account, or policy with the TargetId that you specified.",
    );
  }
  return {
    read: () => unit?.tags ?? organization.rootTags,
    write: (tags) => {
      if (unit) unit.tags = tags;
      else organization.rootTags = tags;
      world.touch();
    },
  };
}
